"""Many chats in one call of the packaged module."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Unpack

from constructs import Construct

from openai_constructs.cdk.annotations import fleet_warnings
from openai_constructs.cdk.calls import ModuleCall
from openai_constructs.cdk.context import ConstructContext, file_id
from openai_constructs.cdk.creation import without_overrides
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.module import passing_folder
from openai_constructs.cdk.parameters import ChatOptions, RequestOptions, refuse_unknown
from openai_constructs.cdk.readers import InstanceReader, MapReader
from openai_constructs.cdk.results import ChatResult, Results
from openai_constructs.cdk.text import Rendered, literal, render, with_json_texts
from openai_constructs.values.checks import Checks
from openai_constructs.values.fleets import fleet_arguments
from openai_constructs.values.functions import FunctionLike
from openai_constructs.values.messages import MessageLike

__all__ = ["ChatFleet", "FleetChat"]

_INLINE: Final = 100
"""Maximum number of chats in the JSON itself; larger fleets without references go to a file next to it."""

_REFERENCE: Final = re.compile(r"[$#&]\{TfToken\[|e\+298")
"""Pattern of a token in the JSON of arguments."""


class FleetChat(RequestOptions, total=False):
    """Arguments of a chat in a fleet. They override the fleet's."""

    model: str | None
    """Id of the model; any text."""
    prompt: str | None
    """Text of the user message."""
    system: str | None
    """Text of the system message, with instructions to the model."""
    messages: Sequence[MessageLike] | None
    """Messages of the conversation, oldest first; an alternative to ``prompt`` and ``system``."""
    functions: Sequence[FunctionLike] | None
    """Functions that the model may call, 1 to 128."""
    function_call: str | None
    """``auto``, ``none``, or the name of the function to call."""


@without_overrides
class ChatFleet(ModuleCall):
    """Many chats in one call: ``module "<id>"`` with ``for_each``, and an instance per chat.

    The address of a chat is ``module.<id>["<key>"]``, so adding, editing or removing one does not affect the
    others. Creating a fleet takes as many calls of the engine as creating one chat.

    Source: API reference, create chat completion; the packaged module ``chat_completion``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        chats: Mapping[str, str | FleetChat],
        model: str | None = None,
        system: str | None = None,
        functions: Sequence[FunctionLike] | None = None,
        function_call: str | None = None,
        **options: Unpack[ChatOptions],
    ) -> None:
        """Create the chats in one call of the module.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of the module call if the scope is the stack; else part of the name.
            chats: Map of key to prompt, or to the arguments of the chat, see ``FleetChat``. A key is any text
                without control characters.
            model: Default id of the model.
            system: Default system message. Chats with ``messages`` do not use it.
            functions: Default functions.
            function_call: Default ``function_call``.
            options: Default parameters of the requests, and options of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With all problems of the arguments, each with the key of its chat.
        """
        refuse_unknown(self, options, ChatOptions)
        context = ConstructContext(scope, id_)
        given = {
            "model": model,
            "system": system,
            "functions": functions,
            "function_call": function_call,
            **options,
        }
        call = self._take_call_options(context, given)
        common = {name: it for name, it in given.items() if it is not None}
        native_key = context.idempotency_key if context.state.edition.is_native else None
        asked = fleet_arguments(context.checks, chats, common, FleetChat.__annotations__, native_key)
        with context.raise_or_create():
            requests = {key: render(it) for key, it in asked.items()}
            chats_by_key = _for_each(context, requests)
            warnings = fleet_warnings(
                {key: request.original for key, request in requests.items()}, context.state
            )
            self._create(context, _each_value(asked), call, warnings)
            self.add_override("for_each", chats_by_key)
        self._keys = dict.fromkeys(requests)

    @property
    def contents(self) -> Results:
        """Text of the first answer of every chat: a map by key."""
        return Results(MapReader(self), "content")

    def __getitem__(self, key: str) -> ChatResult:
        """Return the result of the chat with this key.

        Raises:
            InvalidInputError: If the fleet does not have the key.
        """
        if key not in self._keys:
            from difflib import get_close_matches

            checks = Checks()
            near = get_close_matches(str(key), self._keys, 3) or list(self._keys)[:3]
            checks.refuse("key", key, f"a key of the fleet, like {', '.join(map(repr, near))}", "Correct it.")
            checks.raise_for(self.node.path)
        return ChatResult(InstanceReader(self, key))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _each_value(chats: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """Return the variables of the call: each chat's own arguments, or null for arguments of other chats."""
    names = sorted({name for chat in chats.values() for name in chat})
    return {
        name: f"${{each.value.{name}}}"
        if all(name in chat for chat in chats.values())
        else f"${{try(each.value.{name}, null)}}"
        for name in names
    }


def _for_each(context: ConstructContext, requests: Mapping[str, Rendered]) -> Any:
    """Return the chats for the JSON: the chats themselves, or a reference to their file."""
    text = _file_text(requests) if len(requests) > _INLINE else None
    if text is None:
        return {literal(key): request.rendered for key, request in sorted(requests.items())}
    file = passing_folder() / "chats.json"
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8", newline="\n")
    id_, files = file_id(context.id), context.scope.files
    if id_ in files:  # left by a fleet that was removed or could not be created
        context.parent.node.try_remove_child(id_)
    asset = cdk.TerraformAsset(
        context.parent,
        id_,
        path=str(file),
        type=cdk.AssetType.FILE,
        asset_hash=hashlib.sha256(text.encode()).hexdigest()[:32],
    )
    files.add(id_)
    return f'${{jsondecode(file("${{path.module}}/{asset.path}"))}}'


def _file_text(requests: Mapping[str, Rendered]) -> str | None:
    """Return the chats as JSON, one per line; ``None`` if references need the stack's own JSON."""
    encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
    try:
        chats = [
            f"{encode(key)}: {encode(with_json_texts(request.original))}"
            for key, request in sorted(requests.items())
        ]
    except (TypeError, ValueError):  # the engine's objects are not JSON
        return None
    text = "{\n" + ",\n".join(chats) + "\n}\n"
    return None if _REFERENCE.search(text) else text
