"""The ``lenient`` emulator, for SDK conformance suites.

openai-python's own tests repeatedly retrieve, update and delete a completion with the id ``completion_id``.
They expect the role ``assistant`` for stored messages, which matches the API's schema but not its examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.emulator.completions import completion
from openai_constructs.emulator.store import Page
from openai_constructs.emulator.stored import Listing, message_page

__all__ = ["EMPTY", "SEEDED", "seeded", "seeded_page"]

SEEDED: Final = "completion_id"
"""Id of the completion that always exists, even after a deletion."""

EMPTY: Final = Page([], has_more=False)
"""Page after an unknown completion, which the suites request."""

_REQUEST: Final[dict[str, Any]] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def seeded(metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the completion that always exists."""
    return {**completion(_REQUEST, b"", SEEDED, 0, None), "metadata": dict(metadata or {})}


def seeded_page() -> Page:
    """Return its messages, with the only role in the API's schema."""
    return message_page(SEEDED, [{"role": "assistant", "content": "Hello"}], Listing(b"", filters=False))
