"""Turn ``action.yml`` into its release form: the same action, with a prebuilt image by digest instead of a Dockerfile.

``python tools/pin_image.py ghcr.io/owner/mesh-attestor@sha256:…`` rewrites the file of this checkout, or another one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BUILT = '  image: "Dockerfile"\n'
_IMAGE = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")


def pinned(action: str, image: str) -> str:
    """Return ``action`` with ``image``; raises ``ValueError`` where either is not what it should be."""
    if not _IMAGE.fullmatch(image):
        raise ValueError(f"{image} is no image with a digest")
    if action.count(BUILT) != 1:
        raise ValueError("action.yml does not build its image from the Dockerfile, exactly once")
    return action.replace(BUILT, f'  image: "docker://{image}"\n')


if __name__ == "__main__":
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent.parent / "action.yml"
    place.write_text(pinned(place.read_text(encoding="utf-8"), sys.argv[1]), encoding="utf-8")
