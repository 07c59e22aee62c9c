"""The CDK engine: ``cdktf`` or its community successor ``cdktn``. All other modules import it from here.

It is chosen once, at import: by the environment variable ``OPENAI_CONSTRUCTS_ENGINE``, else the engine that
is already imported, else the one that is installed (cdktf takes precedence).
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from openai_constructs.errors import EngineNotFoundError, InvalidInputError, Problem

__all__ = ["ENGINES", "cdk", "choose", "is_other_engine_loaded"]

ENGINES: Final[Sequence[str]] = ("cdktf", "cdktn")
_VARIABLE: Final = "OPENAI_CONSTRUCTS_ENGINE"


def choose() -> str:
    """Return the name of the engine's module.

    Raises:
        EngineNotFoundError: If neither engine is installed.
        InvalidInputError: If the environment variable does not name an engine.
    """
    if wanted := os.environ.get(_VARIABLE):
        if wanted not in ENGINES:
            problem = Problem(
                _VARIABLE, repr(wanted), f"one of {', '.join(ENGINES)}", "Correct it or unset it."
            )
            raise InvalidInputError("environment", [problem])
        return wanted
    for name in ENGINES:
        if name in sys.modules:
            return name
    for name in ENGINES:
        if find_spec(name) is not None:
            return name
    raise EngineNotFoundError(
        "No CDK engine is installed. Run `pip install cdktf`, or `pip install cdktn`, its successor."
    )


def is_other_engine_loaded() -> bool:
    """Whether the other engine is imported too, so an app may belong to it."""
    return any(name in sys.modules for name in ENGINES if name != cdk.__name__)


if TYPE_CHECKING:
    import cdktf as cdk
else:
    cdk = importlib.import_module(choose())
