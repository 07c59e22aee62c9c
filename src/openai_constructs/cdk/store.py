"""A completion that OpenAI keeps in the Chat Completions Store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Unpack

from constructs import Construct

from openai_constructs.cdk.bindings.base import Lifecycle, meta_arguments
from openai_constructs.cdk.bindings.chat_completion import ChatCompletion
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.hashes import add_request_hashes, hash_name, to_hash
from openai_constructs.cdk.parameters import Parameters, refuse_unknown
from openai_constructs.cdk.readers import FallbackReader, NothingReader
from openai_constructs.cdk.results import ResultList, ToolCallResult, require_native, tool_calls
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import FunctionLike
from openai_constructs.values.messages import MessageLike
from openai_constructs.values.request import to_native_arguments

__all__ = ["StoredCompletion"]


_IMPORT_MARKS: Final = ("imported", "_imported_resource")
"""The public provider sets them when it imports, and then plans their absence as a change."""


class StoredCompletion(ChatCompletion):
    """A completion that OpenAI keeps: ``resource "openai_chat_completion"`` with ``store = true``.

    Source: API reference, create chat completion.
    """

    _hashed: frozenset[str]
    _kept: set[str]
    _keeps: bool
    _hash_name: str | None
    """Name of the ``terraform_data`` with the hash of the request; ``None`` where none is kept."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: str,
        messages: Sequence[MessageLike] | None = None,
        prompt: str | None = None,
        system: str | None = None,
        functions: Sequence[FunctionLike] | None = None,
        function_call: str | None = None,
        metadata: Mapping[str, str] | None = None,
        on_change: Literal["replace", "keep"] = "replace",
        depends_on: Sequence[cdk.ITerraformDependable] | None = None,
        lifecycle: Lifecycle | None = None,
        provider: cdk.TerraformProvider | None = None,
        **parameters: Unpack[Parameters],
    ) -> None:
        """Create the completion in the store.

        Args:
            scope: The stack, or a construct in it.
            id_: Its Terraform name, where the scope is the stack.
            model: Id of the model; any text.
            messages: The conversation so far, oldest first; or leave it out and give ``prompt``.
            prompt: What is asked.
            system: Instructions to the model.
            functions: Functions the model may call, 1 to 128.
            function_call: ``auto``, ``none``, or the name of one of them.
            metadata: Labels to find it by; 16 pairs, keys to 64 and values to 512 characters.
            on_change: ``replace`` asks anew when the request changes; ``keep`` keeps the answer whatever
                changes.
            depends_on: What has to be there first.
            lifecycle: How else Terraform treats changes; added to what ``on_change`` needs.
            provider: Another ``OpenaiProvider`` than the default one.
            parameters: Parameters of the request, see ``Parameters``.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        refuse_unknown(self, parameters, Parameters)
        context = ConstructContext(scope, id_)
        given = {
            "model": model,
            "messages": messages,
            "prompt": prompt,
            "system": system,
            "functions": functions,
            "function_call": function_call,
            "metadata": metadata,
            "store": True,
            **parameters,
        }
        edition = context.state.edition
        self._is_native = edition.is_native
        self._hashed = edition.chat_completion.hashed_arguments
        self._kept = {*self._hashed, *edition.chat_completion.sent_arguments, *_IMPORT_MARKS}
        if self._is_native:
            given = to_native_arguments(given, context.idempotency_key)
        if not isinstance(on_change, str) or on_change not in ("replace", "keep"):
            context.checks.refuse("on_change", on_change, "replace or keep", "Use one of the two.")
        self._keeps = isinstance(on_change, str) and on_change == "keep"
        # The native provider itself tells which edits replace.
        has_hash = not self._keeps and not self._is_native
        self._hash_name = hash_name(context.unique_name) if has_hash else None
        meta = meta_arguments(None, depends_on, None, lifecycle, provider)
        self._request = self._create(context, given, meta)

    def _complete_lifecycle(self, fields: dict[str, Any]) -> dict[str, Any]:
        if self._keeps and fields.get("ignore_changes") != "all":
            fields["ignore_changes"] = sorted({*fields.get("ignore_changes", ()), *self._kept})
        if self._hash_name is not None:
            triggers = [*fields.get("replace_triggered_by", ()), f"terraform_data.{self._hash_name}"]
            fields["replace_triggered_by"] = list(dict.fromkeys(triggers))
        return fields

    def _on_created(self, context: ConstructContext, request: dict[str, Any]) -> None:
        self._state = context.state
        if self._hash_name is not None:
            add_request_hashes(context.scope.stack, context.state)
            self._keep_hash(request)

    def _keep_hash(self, request: Mapping[str, Any]) -> None:
        if self._hash_name is not None:
            self._state.request_hashes[self] = self._hash_name, to_hash(request)

    @property
    def content(self) -> str:
        """Text of the first answer; null when there is none."""
        return self._or_null("choices[0].message[0].content")

    @property
    def finish_reason(self) -> str:
        """Why the first answer ended: stop, length, function_call or content_filter; else null."""
        return self._or_null("choices[0].finish_reason")

    @property
    def function_name(self) -> str:
        """Name of the function or tool the first answer calls; null when it calls none."""
        return self._or_null(f"{self._call}.name")

    @property
    def function_arguments(self) -> str:
        """Arguments of that call, as JSON text; null when it calls none."""
        return self._or_null(f"{self._call}.arguments")

    @property
    def tool_calls(self) -> ResultList[ToolCallResult]:
        """The tool calls of the first answer; native provider.

        Raises:
            InvalidInputError: With another provider, which has no tools.
        """
        return tool_calls(self, is_native=self._is_native, path="choices[0].message[0].tool_calls")

    @property
    def service_tier_used(self) -> str:
        """The service tier that answered, null if the host does not tell; native provider.

        Raises:
            InvalidInputError: With another provider.
        """
        require_native(self, "service_tier_used", is_native=self._is_native)
        return self._reader.string("service_tier_used")

    @property
    def refusal(self) -> str:
        """Text of the first answer if the model refused, else null; native provider.

        Raises:
            InvalidInputError: With another provider, which does not tell.
        """
        require_native(self, "refusal", is_native=self._is_native)
        return self._or_null("choices[0].message[0].refusal")

    @property
    def _call(self) -> str:
        is_tool = self._is_native and "tools" in self._request
        return f"choices[0].message[0].{'tool_calls[0].function[0]' if is_tool else 'function_call[0]'}"

    def _or_null(self, path: str) -> str:
        # An answer is text or a call, and a completion that was imported has no answers.
        return FallbackReader(self._reader, NothingReader()).string(path)

    def add_override(self, path: str, value: Any) -> None:
        """Override a part of the JSON, as on any element; an override of the request changes its hash.

        Raises:
            InvalidInputError: When it would take away what ``on_change`` needs of the lifecycle.
        """
        self._check_override(path, value)
        super().add_override(path, value)
        if path.split(".")[0] in self._hashed:
            self._request = {**self._request, f"override {path}": value}
            self._keep_hash(self._request)

    def _check_override(self, path: str, value: Any) -> None:
        needed = "ignore_changes" if self._keeps else "replace_triggered_by"
        root, *rest = path.split(".")
        if root != "lifecycle" or (rest and rest[0] != needed) or not (self._keeps or self._hash_name):
            return
        changed = value.get(needed, []) if not rest and isinstance(value, Mapping) else value
        # The engine adds a list to the one that is there; anything else takes its place.
        if len(rest) > 1 or not (isinstance(changed, list) or (self._keeps and changed == "all")):
            checks = Checks()
            allowed = f"a list, which is added to the {needed} that on_change needs"
            checks.refuse(path, value, allowed, "Give a list, or leave it out.")
            checks.raise_for(self.node.path)
