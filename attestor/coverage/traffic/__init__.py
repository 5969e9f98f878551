"""What the proxies themselves count: the questions to Prometheus, and the part of the coverage from its answers. Pure.

``queries`` has the questions, ``observed`` holds what came back, and ``body`` makes the part of it.
"""
