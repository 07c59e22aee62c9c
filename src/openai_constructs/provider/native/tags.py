"""The label by which a stored completion is found again whose answer never came.

It is one of the pairs of metadata that a completion may have, and stands in no argument: a state, and a
plan, show the user's own pairs only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from openai_constructs.schema import METADATA

__all__ = ["LABEL", "MOST_PAIRS", "labelled", "request_tag", "unlabelled"]

LABEL: Final = "openai_constructs_request"
"""Key of the pair."""

MOST_PAIRS: Final = METADATA.max_items or 0
"""Most pairs of metadata that a completion may have."""


def request_tag(body: Mapping[str, Any], models: tuple[str, ...], key: str | None) -> str:
    """The value of the pair.

    With the user's key it is made of key and request, so that the next run finds what this one lost. Without
    one it is unlike any other, and serves this creation alone: a request as such does not tell whose it is,
    and an answer that another resource has must never be taken for one's own.
    """
    if key is None:
        return uuid4().hex
    asked = {**body, "model": models}
    canonical = json.dumps([key, asked], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def labelled(metadata: Mapping[str, str] | None, tag: str | None) -> dict[str, str]:
    """The user's metadata with the tag, where there is one and it fits in."""
    own = dict(metadata or {})
    return {**own, LABEL: tag} if tag and len(own) < MOST_PAIRS else own


def unlabelled(metadata: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """The user's metadata out of what the store has, and the tag."""
    own = {name: it for name, it in metadata.items() if name != LABEL}
    return own, metadata.get(LABEL)
