"""The CDK engine: ``cdktf``, or its community successor ``cdktn``. Everything else takes it from here.

Chosen once, at import: the environment variable ``OPENAI_CONSTRUCTS_ENGINE``, else the engine that is already
imported, else the one that is installed; cdktf first.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.errors import EngineNotFoundError, InvalidInputError, Problem

__all__ = ["ENGINES", "cdk", "choose", "handed", "is_other_engine_loaded"]

ENGINES: Final[Sequence[str]] = ("cdktf", "cdktn")
_VARIABLE: Final = "OPENAI_CONSTRUCTS_ENGINE"


def choose() -> str:
    """Name of the module to use.

    Raises:
        EngineNotFoundError: When neither engine is installed.
        InvalidInputError: When the environment variable names no engine.
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
    """Whether an app may be of the engine that is not in use."""
    return any(name in sys.modules for name in ENGINES if name != cdk.__name__)


class _Handed:
    """Stands for an object of the engine among arguments."""

    __jsii_type__ = "Object"

    def __init__(self, ref: object) -> None:
        self.__jsii_ref__ = ref


def handed(value: Any) -> Any:
    """Arguments for the engine, with the objects of it that are in them all of one class.

    jsii looks at every class that it finds among arguments for the first time, which takes it half a
    millisecond each.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return [handed(it) for it in value]
    ref = getattr(value, "__jsii_ref__", None)
    return value if ref is None else _Handed(ref)


if TYPE_CHECKING:
    import cdktf as cdk
else:
    cdk = importlib.import_module(choose())
