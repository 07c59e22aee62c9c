"""Replacement of a stored completion when its request changes.

The public provider plans an edit of a message or of the temperature as an update in place, which then fails.
So each stored completion has a ``terraform_data`` with the hash of its request, whose change replaces it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from openai_constructs.cdk.context import HASHES_ID
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.scopes import StackState
from openai_constructs.errors import InvalidInputError, Problem
from openai_constructs.schema import CHAT_COMPLETION
from openai_constructs.values.tokens import TEXT_TOKEN, has_token, is_token

__all__ = ["add_request_hashes", "hash_name", "to_hash"]

_LABELS: Final = CHAT_COMPLETION.arguments - CHAT_COMPLETION.hashed_arguments
"""Arguments that do not affect the answer. The provider handles their changes by itself."""


class _RequestHashes(cdk.TerraformElement):
    """The ``terraform_data`` blocks of a stack's completions.

    One element renders them all, because a resource of the engine for each would take longer than the
    completion itself.
    """

    def __init__(self, stack: cdk.TerraformStack, state: StackState) -> None:
        self._stack, self._state = stack, state
        super().__init__(stack, HASHES_ID, "terraform_data")

    def to_terraform(self) -> Any:
        """Return the JSON. The engine calls this at synthesis."""
        constructs = self._stack.node.find_all()
        hashes = dict(
            self._state.request_hashes[construct]
            for construct in constructs
            if construct in self._state.request_hashes
        )
        _check_names(self._state.path, hashes, constructs)
        blocks = {name: {"input": hash_} for name, hash_ in hashes.items()}
        return {"resource": {"terraform_data": blocks}} if blocks else {}


def _check_names(path: str, hashes: Mapping[str, str], constructs: Sequence[Any]) -> None:
    """Reject a user's ``terraform_data`` with the name of a hash, because the engine would merge the two."""
    for construct in constructs:
        if type(construct) is not cdk.TerraformResource and not isinstance(construct, cdk.DataResource):
            continue
        if construct.terraform_resource_type == "terraform_data" and construct.friendly_unique_id in hashes:
            address = f"terraform_data.{construct.friendly_unique_id}"
            allowed = "another address: a stored completion's request hash has this one"
            problem = Problem("id", address, allowed, "Give your terraform_data another name.")
            raise InvalidInputError(path, [problem])


def add_request_hashes(stack: cdk.TerraformStack, state: StackState) -> None:
    """Add the element that renders the request hashes to a stack, with its first stored completion."""
    if not state.request_hashes:
        _RequestHashes(stack, state)


def hash_name(completion_name: str) -> str:
    """Return the name of the ``terraform_data`` with the request hash of a completion."""
    return f"{completion_name}_request"


def to_hash(request: Mapping[str, Any]) -> str:
    """Return the hash of a checked request, or an expression for it if the request has tokens.

    The hash does not depend on the order of arguments, and Terraform hashes the values of tokens, so it
    changes only if the request does. It must stay stable, because existing states contain it.
    """
    tokens: list[Any] = []
    skeleton = _skeleton({name: value for name, value in request.items() if name not in _LABELS}, tokens)
    canonical = json.dumps(skeleton, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(canonical.encode()).hexdigest()
    if not tokens:
        return digest
    return f"{digest}-{cdk.Fn.sha256(cdk.Token.as_string(cdk.Fn.jsonencode(tokens)))}"


def _skeleton(value: Any, tokens: list[Any]) -> Any:
    """Replace the tokens in a value by marks, and append them to the list."""
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
            return [_skeleton(entry, tokens) for entry in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _mapping_skeleton(value: Mapping[str, Any], tokens: list[Any]) -> Any:
    """Replace the tokens in a mapping. Its items stay pairs, because keys may be equal without tokens."""
    plain = {key: entry for key, entry in value.items() if not has_token(key)}
    skeleton = {key: _skeleton(plain[key], tokens) for key in sorted(plain)}
    if len(plain) == len(value):
        return skeleton
    pairs = [
        [_skeleton(key, tokens), _skeleton(entry, tokens)] for key, entry in value.items() if has_token(key)
    ]
    return [skeleton, pairs]
