"""What is known of model ids. Any text is accepted as a model; this only tells when one is past its date."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["predates_store", "shutdown_date"]

_BEFORE_STORE: Final = re.compile(r"gpt-3\.5-turbo.*|gpt-4|gpt-4-(32k.*|0314|0613)")
_ENTRY: Final = r'(?m)^- (?P<ids>"[^:]*"):\s+Announced\s+shutdown\s+date:\s+(?P<date>\d{4}-\d\d-\d\d)'


def predates_store(model: str) -> bool:
    """Whether a model is older than ``gpt-4-1106-preview``, the first that stored completions work with."""
    return _BEFORE_STORE.fullmatch(model) is not None


def shutdown_date(model: str) -> date | None:
    """The day OpenAI announced for switching a model off, as the installed ``openai`` SDK documents it.

    ``None`` where the SDK is not installed or says nothing; an unknown id is never held against anyone.
    """
    return _announced().get(model)


@cache
def _announced() -> dict[str, date]:
    """The table in one docstring of the SDK, read as text: importing the SDK would take half a second."""
    spec = find_spec("openai")
    if spec is None or spec.origin is None:
        return {}
    try:
        text = (Path(spec.origin).parent / "types" / "shared" / "chat_model.py").read_text(encoding="utf-8")
    except OSError:
        return {}
    return {
        model: date.fromisoformat(entry["date"])
        for entry in re.finditer(_ENTRY, text)
        for model in re.findall(r'"([^"]+)"', entry["ids"])
    }
