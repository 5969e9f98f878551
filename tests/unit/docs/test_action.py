"""The action's inputs are the program's options, its outputs the contract's, its image the one beside it."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from attestor.github import outputs
from attestor.install import lock
from attestor.options import INPUTS
from tests.conftest import ROOT
from tools import pin_image

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_every_input_is_an_option_in_its_words() -> None:
    """Names, sentences and defaults, in the same order; a default that is a variable cannot be one of an input."""
    assert list(ACTION["inputs"]) == [option.name for option in INPUTS]
    for option in INPUTS:
        default = "" if option.default.startswith("$") else option.default
        assert ACTION["inputs"][option.name] == {"description": option.text, "required": False, "default": default}


def test_every_output_is_written_and_described() -> None:
    """In a full sentence."""
    assert tuple(ACTION["outputs"]) == outputs.NAMES
    for name, output in ACTION["outputs"].items():
        assert list(output) == ["description"], name
        assert re.fullmatch(r"[A-Z].{20,}\.", output["description"]), name


def test_the_action_is_the_dockerfile_beside_it() -> None:
    """No arguments, no shell: hyphens in names of variables would not survive one."""
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile"}
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    words = json.loads(entry)
    assert words[0].startswith("/")
    assert words[-1].endswith("/entrypoint.py")
    assert "-I" in words
    assert not re.search(r"^(USER|WORKDIR|CMD|SHELL)\b", DOCKERFILE, re.MULTILINE)


def test_the_image_is_made_of_what_is_locked() -> None:
    """Wheels by hash; opa by the lock, which is not repeated."""
    assert "--require-hashes --only-binary :all:" in DOCKERFILE
    assert lock.load().opa.version not in DOCKERFILE
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["debian:trixie-slim"] * 2


def test_the_release_form_differs_in_its_image_only() -> None:
    """A digest, and nothing else, takes the Dockerfile's place."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    image = f"ghcr.io/owner/mesh-attestor@sha256:{'a' * 64}"
    released = yaml.safe_load(pin_image.pinned(text, image))
    assert released == ACTION | {"runs": {"using": "docker", "image": f"docker://{image}"}}
    for wrong in ("ghcr.io/owner/mesh-attestor:v1", f"ghcr.io/x@sha256:{'a' * 63}", ""):
        with pytest.raises(ValueError, match="no image with a digest"):
            pin_image.pinned(text, wrong)
    with pytest.raises(ValueError, match="exactly once"):
        pin_image.pinned(pin_image.pinned(text, image), image)
