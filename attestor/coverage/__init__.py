"""What edges cannot prove: from the cluster's objects and counters to the coverage predicate. Pure.

One module for each part of the predicate (docs/predicates/mesh-coverage.md): what is kept of an object as it arrives,
so that a list of any length is never held whole, and the part that is built from what was kept. ``capture.coverage``
asks the cluster.
"""
