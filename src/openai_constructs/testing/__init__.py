"""Testing stacks: assertions on their JSON, on requests to the model, and on the effects of an apply.

It works for any CDKTF stack. Fixtures for pytest come with the extra ``test``; see the testing guide. Names
are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openai_constructs.testing.applied import Applied, AppliedStack
    from openai_constructs.testing.chat import Chat
    from openai_constructs.testing.local_run import LocalApply
    from openai_constructs.testing.matchers import (
        Matcher,
        absent,
        any_value,
        array_with,
        object_like,
        serialized_json,
        string_like,
    )
    from openai_constructs.testing.template import Template, Templates
    from openai_constructs.testing.text import Text, reference
    from openai_constructs.testing.validation import validate

__all__ = [
    "Applied",
    "AppliedStack",
    "Chat",
    "LocalApply",
    "Matcher",
    "Template",
    "Templates",
    "Text",
    "absent",
    "any_value",
    "array_with",
    "object_like",
    "reference",
    "serialized_json",
    "string_like",
    "validate",
]

_HOMES: Final = {
    "applied": ("Applied", "AppliedStack"),
    "chat": ("Chat",),
    "local_run": ("LocalApply",),
    "matchers": (
        "Matcher",
        "absent",
        "any_value",
        "array_with",
        "object_like",
        "serialized_json",
        "string_like",
    ),
    "template": ("Template", "Templates"),
    "text": ("Text", "reference"),
    "validation": ("validate",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
