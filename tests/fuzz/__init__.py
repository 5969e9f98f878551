"""Fuzzing with coverage guidance: every reader of untrusted bytes, every writer of what others obey, and the verdict.

A target takes bytes and raises for a violation: any exception outside the error family, or a broken property. ``make
fuzz`` runs them under atheris; ``test_corpus.py`` replays what such runs found, without atheris, in the quick tests.
"""
