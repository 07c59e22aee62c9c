"""The ``lenient`` emulator, for SDK conformance suites.

openai-python's own tests retrieve, update and delete a completion whose id is literally ``completion_id``,
again and again, and take the role of a stored message to be ``assistant``, as the API's schema says and its
examples do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.emulator.completions import completion
from openai_constructs.emulator.store import Page
from openai_constructs.emulator.stored import Listing, message_page

__all__ = ["EMPTY", "SEEDED", "seeded", "seeded_page"]

SEEDED: Final = "completion_id"
"""The id of the completion that is always there, however often it is deleted."""

EMPTY: Final = Page([], has_more=False)
"""Page that follows an unknown completion: the suites page after one that never existed."""

_REQUEST: Final[dict[str, Any]] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}


def seeded(metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The completion that is always there."""
    return {**completion(_REQUEST, b"", SEEDED, 0, None), "metadata": dict(metadata or {})}


def seeded_page() -> Page:
    """Its messages, with the one role that the API's schema has for them."""
    return message_page(SEEDED, [{"role": "assistant", "content": "Hello"}], Listing(b"", filters=False))
