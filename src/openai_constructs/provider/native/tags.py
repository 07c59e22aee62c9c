"""The request tag: a metadata pair that finds a stored completion whose response was lost.

The provider adds the pair to the user's metadata when it sends a request. State and plan show only the
user's own pairs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from openai_constructs.schema import METADATA

__all__ = ["LABEL", "MAX_PAIRS", "labelled", "request_tag", "unlabelled"]

LABEL: Final = "openai_constructs_request"
"""Metadata key of the request tag."""

MAX_PAIRS: Final = METADATA.max_items or 0
"""Maximum number of metadata pairs of a completion."""


def request_tag(body: Mapping[str, Any], models: tuple[str, ...], key: str | None) -> str:
    """Return the value of the request tag.

    With an ``idempotency_key`` the tag is a hash of key and request, so the next run finds a completion
    whose response was lost in this one. Without a key the tag is random and helps only during this creation:
    two resources can have equal requests, and neither may adopt the completion of the other.
    """
    if key is None:
        return uuid4().hex
    request = {**body, "model": models}
    canonical = json.dumps([key, request], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def labelled(metadata: Mapping[str, str] | None, tag: str | None) -> dict[str, str]:
    """Return the user's metadata with the tag, if there is one and it fits."""
    own = dict(metadata or {})
    return {**own, LABEL: tag} if tag and len(own) < MAX_PAIRS else own


def unlabelled(metadata: Mapping[str, Any]) -> tuple[dict[str, str], str | None]:
    """Split metadata from the store into the user's own pairs and the tag; values must be texts."""
    texts = {name: value for name, value in metadata.items() if isinstance(value, str)}
    tag = texts.pop(LABEL, None)
    return texts, tag
