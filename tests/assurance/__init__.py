"""The figures behind the security model: what was tried, and what came of it."""
