"""Set-up: the programs that the gate and the capture need, fetched once, checked against one lock, kept per user.

``lock`` says which version and which digest, ``download`` brings bytes and trusts none of them before they are
checked, ``go`` builds what the release page cannot give, ``capabilities`` takes away what a policy must not do,
and ``opa`` tells the story. ``python -m attestor.install opa`` is how ``make setup`` calls it.
"""
