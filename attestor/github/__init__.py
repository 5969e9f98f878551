"""A step of a GitHub workflow: inputs in, outputs, annotations and a summary out.

``inputs`` reads what the runner hands over, ``step`` tells the story, and only ``commands`` knows how the runner's
commands and files are written: nothing from a mesh reaches the runner but through it. ``masks`` finds what must not be
shown, ``links`` whether the tree leads out of itself, ``events`` why a secret is not there, ``annotate`` and
``outputs`` say how the run ended, ``owner`` gives what root wrote to whom the workspace belongs to.
"""
