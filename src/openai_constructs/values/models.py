"""Known facts about models, for warnings. Any text is accepted as a model id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

__all__ = [
    "SHUTDOWN_DATES",
    "SHUTDOWN_WARNING_DAYS",
    "is_reasoning",
    "predates_store",
    "shutdown_date",
    "shutdown_notice",
    "successor",
]

SHUTDOWN_WARNING_DAYS: Final = 90
"""Default number of days before a model's shutdown when warnings begin."""


_REASONING: Final = re.compile(r"(ft:)?(o[1-9]|gpt-([5-9]|\d\d)(?!.*-chat))")
_BEFORE_STORE: Final = re.compile(r"gpt-3\.5-turbo.*|gpt-4|gpt-4-(32k.*|0314|0613)")

# Source: the docstring of `openai.types.shared.ChatModel` in the SDK 3.57.0 (2026-11-25). OpenAI: see
# https://platform.openai.com/docs/deprecations. A test compares the table with the installed SDK.
_SHUTDOWNS: Final[Mapping[str, str]] = {
    "2024-09-13": "gpt-3.5-turbo-0301 gpt-3.5-turbo-0613 gpt-3.5-turbo-16k gpt-3.5-turbo-16k-0613",
    "2024-12-06": "gpt-4-vision-preview",
    "2025-06-06": "gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613",
    "2025-07-28": "o1-preview o1-preview-2024-09-12",
    "2025-10-10": "gpt-4o-audio-preview-2024-10-01",
    "2025-10-27": "o1-mini o1-mini-2024-09-12",
    "2026-02-12": "codex-mini-latest",
    "2026-02-17": "chatgpt-4o-latest",
    "2026-03-26": "gpt-4-0125-preview gpt-4-0314 gpt-4-turbo-preview",
    "2026-05-07": (
        "gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview-2025-06-03 "
        "gpt-4o-mini-audio-preview gpt-4o-mini-audio-preview-2024-12-17"
    ),
    "2026-07-23": (
        "gpt-4o-mini-search-preview gpt-4o-mini-search-preview-2025-03-11 gpt-4o-search-preview "
        "gpt-4o-search-preview-2025-03-11 gpt-5-chat-latest gpt-5.1-chat-latest gpt-5.1-codex"
    ),
    "2026-08-10": "gpt-5.2-chat-latest gpt-5.3-chat-latest",
    "2026-09-28": "gpt-3.5-turbo-1106",
    "2026-10-23": (
        "gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-4 gpt-4-0613 gpt-4-1106-preview gpt-4-turbo "
        "gpt-4-turbo-2024-04-09 gpt-4.1-nano gpt-4.1-nano-2025-04-14 gpt-4o-2024-05-13 o1 "
        "o1-2024-12-17 o3-mini o3-mini-2025-01-31 o4-mini o4-mini-2025-04-16"
    ),
    "2026-12-11": (
        "gpt-5 gpt-5-2025-08-07 gpt-5-mini gpt-5-mini-2025-08-07 gpt-5-nano gpt-5-nano-2025-08-07 o3 "
        "o3-2025-04-16"
    ),
    "2027-01-14": (
        "gpt-4.1 gpt-4.1-2025-04-14 gpt-4.1-mini gpt-4.1-mini-2025-04-14 gpt-4o gpt-4o-2024-08-06 "
        "gpt-4o-2024-11-20 gpt-4o-mini gpt-4o-mini-2024-07-18"
    ),
    "2027-01-20": "gpt-audio-mini gpt-audio-mini-2025-12-15",
    "2027-04-01": "gpt-5.1 gpt-5.1-2025-11-13 gpt-5.4-nano gpt-5.4-nano-2026-03-17",
}
SHUTDOWN_DATES: Final[Mapping[str, date]] = {
    model: date.fromisoformat(day) for day, models in _SHUTDOWNS.items() for model in models.split()
}
"""Announced shutdown dates, by model."""


# Source: OpenAI's deprecations page (2026-11-25).
_SUCCESSORS: Final[Mapping[str, str]] = {"2027-01-14": "gpt-6-luna"}


def is_reasoning(model: str) -> bool:
    """Whether a model is a reasoning model, which rejects ``max_tokens`` and any temperature except 1."""
    return _REASONING.match(model) is not None


def predates_store(model: str) -> bool:
    """Whether a model is older than ``gpt-4-1106-preview``, the first one with stored completions."""
    return _BEFORE_STORE.fullmatch(model) is not None


def shutdown_date(model: str) -> date | None:
    """Return the announced shutdown date of a model; ``None`` if there is none."""
    return SHUTDOWN_DATES.get(model)


def successor(model: str) -> str | None:
    """Return OpenAI's recommended replacement of a model; ``None`` if there is none."""
    day = shutdown_date(model)
    return None if day is None else _SUCCESSORS.get(day.isoformat())


def shutdown_notice(model: str, day: date | None, today: date, days: int) -> str | None:
    """Return the warning about the shutdown of a model; ``None`` if it is not near or has no date.

    Args:
        model: Id of the model.
        day: Shutdown date of the model.
        today: Date of the warning.
        days: Number of days before the shutdown from which warnings begin; 0 disables them.
    """
    if day is None or not days or (day - today).days > days:
        return None
    other = successor(model)
    if day <= today:
        advice = f"use {other}" if other else "pick another"
        return f"Model {model} was to be shut down by OpenAI on {day}: {advice}."
    advice = f"change to {other}" if other else "pick another"
    left = "1 day" if (day - today).days == 1 else f"{(day - today).days} days"
    return f"Model {model} will be shut down by OpenAI on {day}, in {left}: {advice}."
