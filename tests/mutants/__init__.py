"""Deliberately wrong versions of the program and of its rules, and whether the tests notice them.

``python -m tests.mutants python`` changes the pure core one place at a time, ``python -m tests.mutants rego`` applies
the hand-written changes under ``rego``. Both print their figures as JSON and fail where a change survives unargued.
"""
