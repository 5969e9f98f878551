"""Secrets, end to end: canaries wherever a secret is taken, every way to go, and a search of all that is left."""
