"""mesh-attestor: a live Linkerd mesh turned into signed, policy-checked evidence.

The stages, in order, each a module and each arrow a frozen value (``attestor.pipeline`` tells it in one function):

    settings -> preflight -> capture -> Evidence -> reports -> predicates -> Statement -> Envelope -> gate -> Verdict
             -> report -> rendering
"""

__version__ = "0.1.0"
