"""Replacing a stored completion when its request changes.

The provider plans an edit of a message or of the temperature in place, and then fails. One
``terraform_data`` a stack holds a hash of each request, and each completion is replaced when its own hash
changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jsii
from constructs import Construct

from openai_constructs.cdk.assembly import NAME, is_loaded
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import index_of
from openai_constructs.cdk.scopes import HASHES_ID, StackMemory
from openai_constructs.schema import NATIVE
from openai_constructs.values.tokens import TEXT_TOKEN, has_token, is_token

__all__ = ["keep_hash", "replacement_trigger", "to_hash"]

_LABELS: Final = NATIVE.chat_completion.arguments - NATIVE.chat_completion.hashed_arguments
"""Arguments that are no part of what the model is asked; the provider acts on their change by itself."""

_NO_SKELETON: Final = re.compile(r"\{TfToken\[|\d(\.0|e[+-]\d+)[,\]}]")
"""What the canonical text of a request has that has a token in it, or a whole number written as another."""


class _RequestHashes(cdk.TerraformElement, jsii_type=f"{NAME}.RequestHashes"):
    """``terraform_data.openai_chat_completion_request``: the hashes, by key of the completion.

    An element that writes its own JSON, because the map is complete only at synthesis and the engine wants
    ``for_each`` at construction. It is made and filled on the engine's side.
    """


class _RequestHashesInPython(cdk.TerraformElement):
    """The same, where the engine's side of this library cannot be loaded."""

    def __init__(self, stack: cdk.TerraformStack, hashes: Mapping[Any, tuple[str, str]]) -> None:
        self._stack, self._hashes = stack, hashes
        super().__init__(stack, HASHES_ID, "terraform_data")

    def to_terraform(self) -> Any:
        """Its JSON; the engine asks for it at synthesis."""
        there = {it: self._hashes[it] for it in self._stack.node.find_all() if it in self._hashes}
        made = {"for_each": dict(there.values()), "input": "${each.value}"}
        return {"resource": {"terraform_data": {HASHES_ID: made}}} if there else {}


def keep_hash(completion: Construct, memory: StackMemory, key: str, request: str, tokens: str) -> None:
    """Keep the hash of a completion's request, as ``to_hash`` tells it, in place of an earlier one.

    It is there as long as the completion is in the tree.
    """
    if is_loaded():
        jsii.sinvoke(_RequestHashes, "keep", [completion, HASHES_ID, key, request, tokens])
        return
    from hashlib import sha256  # only now: it takes longer to load than all requests of a stack to hash

    if memory.hashes is None:
        hashes: dict[Construct, tuple[str, str]] = {}
        _RequestHashesInPython(cdk.TerraformStack.of(completion), hashes)
        memory.hashes = hashes
    memory.hashes[completion] = key, sha256(request.encode()).hexdigest() + tokens


def replacement_trigger(key: str) -> str:
    """What changes with the request that is kept under a key, as ``replace_triggered_by`` wants it."""
    return f"terraform_data.{HASHES_ID}{index_of(key)}"


def to_hash(request: Mapping[str, Any]) -> tuple[str, str]:
    """What the hash of a checked request is made of: a text to be hashed, and what is put behind its hash.

    It changes when what the model is asked changes, and at no other time: the arguments' order is no part of
    it, and what tokens stand for is hashed by Terraform. State of earlier releases relies on it staying as
    it is.
    """
    asked = {name: it for name, it in request.items() if name not in _LABELS}
    tokens: list[Any] = []
    canonical = _plain(asked) or _canonical(_skeleton(asked, tokens))
    if not tokens:
        return canonical, ""
    return canonical, f"-{cdk.Fn.sha256(cdk.Token.as_string(cdk.Fn.jsonencode(tokens)))}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(request: Mapping[str, Any]) -> str | None:
    """The canonical text of a request that is its own skeleton; ``None`` where it may not be."""
    try:
        canonical = _canonical(request)
    except (TypeError, ValueError):  # an object of the engine: a token
        return None
    return None if _NO_SKELETON.search(canonical) else canonical


def _skeleton(value: Any, tokens: list[Any]) -> Any:
    """A value with its tokens taken out: a mark stays in each place, the tokens go into the list."""
    match value:
        case str():
            tokens += TEXT_TOKEN.findall(value)
            return TEXT_TOKEN.sub("\0", value)
        case _ if is_token(value):
            tokens.append(value)
            return "\0"
        case Mapping():
            return _mapping_skeleton(value, tokens)
        case Sequence():
            return [_skeleton(it, tokens) for it in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _mapping_skeleton(value: Mapping[str, Any], tokens: list[Any]) -> Any:
    """The same of a mapping. Keys with tokens may look alike without them: they stay pairs, in order."""
    plain = {key: it for key, it in value.items() if not has_token(key)}
    made = {key: _skeleton(plain[key], tokens) for key in sorted(plain)}
    if len(plain) == len(value):
        return made
    pairs = [[_skeleton(key, tokens), _skeleton(it, tokens)] for key, it in value.items() if has_token(key)]
    return [made, pairs]
