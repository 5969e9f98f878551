"""The part ``authorization``: from policy objects and pods to what each port lets in. Pure.

What Linkerd does is taken from its own source, edge-26.8.3: ``policy-controller/k8s/index/src/inbound`` (what it makes
of the objects), ``policy-controller/grpc/src/inbound.rs`` (what it tells a proxy), and linkerd2-proxy's
``linkerd/proxy/server-policy`` (what the proxy makes of that). Each module says which file a fact of it comes from.

``keep`` takes what decides of an object, ``derivation`` builds the part and derives it again from a predicate. What is
not understood, or was not read, makes a port ``unknown`` and never ``denied``.
"""
