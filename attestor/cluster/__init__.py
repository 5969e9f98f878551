"""The cluster's API, asked for the few things that linkerd itself does not tell: the mesh's version, and one's rights.

``credentials`` turns one context of a kubeconfig into what a connection needs, ``client`` asks over it, ``mesh`` and
``rights`` know what to ask. Linkerd's own conversation with the cluster never goes through here.
"""
