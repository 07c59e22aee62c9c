"""Issue the warnings of constructs as Python warnings."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Final

from openai_constructs.errors import OpenaiConstructsWarning
from openai_constructs.local.project import Stack

__all__ = ["warn_of"]

_INNER: Final = frozenset({"openai_constructs", "contextlib"})


def warn_of(stacks: Sequence[Stack]) -> None:
    """Issue each construct's warnings, at the line of the test that synthesizes."""
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _INNER:
        level, frame = level + 1, frame.f_back
    for remark in (it for stack in stacks for it in stack.annotations if it.level == "warn"):
        warnings.warn(str(remark), OpenaiConstructsWarning, stacklevel=level)
