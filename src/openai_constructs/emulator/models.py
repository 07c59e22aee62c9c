"""Known model ids, and the parameters that their families reject."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from openai_constructs.emulator.errors import unknown_model
from openai_constructs.values.models import SHUTDOWN_DATES, is_reasoning, shutdown_date

__all__ = ["Model", "listed_models", "model", "model_object"]

# The service's list of ids changes, and a copy would be wrong within weeks. So an id counts as known if it
# looks like one of OpenAI's: the name of a family of chat models, then a version.
_KNOWN: Final = re.compile(
    r"(ft:)?(gpt-\d|gpt-(audio|oss|realtime)|chatgpt-|codex-|o[1-9]($|[-:]))[A-Za-z0-9._:-]*"
)
_NO_STOP: Final = re.compile(r"(ft:)?(o3|o4-mini|gpt-5\.6)")
_SMALLER: Final = re.compile(r"(ft:)?gpt-5\.6")
_TOOLS_WITHOUT_EFFORT: Final = re.compile(r"(ft:)?gpt-(5\.([4-9]|\d\d)|[6-9])")

_NO_EFFORT: Final = re.compile(r"(ft:)?(gpt-3\.5|gpt-4|chatgpt-4)")
# Chat models without an announced shutdown: openai 3.57.0, 2026-11-25.
_UNDATED: Final = (
    *("gpt-5.2", "gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra"),
    *("gpt-6-astra", "gpt-6-luna", "gpt-6-sol", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6.2-astra"),
    "gpt-6.2-sol",
)
_CREATED: Final = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """Known limits of one model.

    Attributes:
        known: Whether the id looks like one of OpenAI's chat models.
        reasoning: Whether it accepts ``max_completion_tokens`` instead of ``max_tokens``, and only the
            temperature 1.
        stop: Whether it accepts ``stop``.
        max_n: Maximum number of answers to one request.
        max_top_logprobs: Maximum number of alternatives for each token.
        tools_with_effort: Whether it accepts tools and a ``reasoning_effort`` other than ``none`` together.
        effort: Whether it accepts ``reasoning_effort``.
    """

    known: bool
    reasoning: bool
    stop: bool
    max_n: int
    max_top_logprobs: int
    tools_with_effort: bool
    effort: bool


@lru_cache(maxsize=256)
def model(model_id: str) -> Model:
    """Look up the limits of a model by its id."""
    smaller = _SMALLER.match(model_id) is not None
    return Model(
        known=_KNOWN.fullmatch(model_id) is not None,
        reasoning=is_reasoning(model_id),
        stop=_NO_STOP.match(model_id) is None,
        max_n=8 if smaller else 128,
        max_top_logprobs=5 if smaller else 20,
        tools_with_effort=_TOOLS_WITHOUT_EFFORT.match(model_id) is None,
        effort=_NO_EFFORT.match(model_id) is None,
    )


def listed_models(others: Collection[str], today: date) -> list[dict[str, Any]]:
    """Return the models that ``GET /v1/models`` lists: OpenAI's that are not shut down, and others.

    Args:
        others: Ids in scripted replies.
        today: The date that decides which models are shut down.
    """
    dated = {it for it, day in SHUTDOWN_DATES.items() if day > today}
    return [_object(it) for it in sorted({*_UNDATED, *dated, *others})]


def model_object(model_id: str, others: Collection[str]) -> dict[str, Any]:
    """Return the object of one model.

    Raises:
        ApiError: 404 if the id does not look like one of OpenAI's and is not among the others.
    """
    if not model(model_id).known and model_id not in others:
        raise unknown_model(model_id)
    return _object(model_id)


def _object(model_id: str) -> dict[str, Any]:
    day = shutdown_date(model_id)
    return {
        "id": model_id,
        "object": "model",
        "created": _CREATED,
        "owned_by": "openai",
        "shutdown_date": None if day is None else day.isoformat(),
    }
