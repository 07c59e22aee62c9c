"""Completions in OpenAI's Chat Completions Store."""

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
"""Attributes that the public provider sets at an import, and then plans to remove."""


class StoredCompletion(ChatCompletion):
    """A completion that OpenAI stores: ``resource "openai_chat_completion"`` with ``store = true``.

    Source: API reference, create chat completion.
    """

    _hashed: frozenset[str]
    _kept: set[str]
    _keeps: bool
    _hash_name: str | None
    """Name of the ``terraform_data`` with the hash of the request; ``None`` without one."""

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
            id_: Terraform name of the resource if the scope is the stack; else part of the name.
            model: Id of the model; any text.
            messages: Messages of the conversation, oldest first; an alternative to ``prompt`` and ``system``.
            prompt: Text of the user message.
            system: Text of the system message, with instructions to the model.
            functions: Functions that the model may call, 1 to 128.
            function_call: ``auto``, ``none``, or the name of one of the functions.
            metadata: Labels for lookups; 16 pairs, keys of up to 64 and values of up to 512 characters.
            on_change: ``replace`` requests a new answer if the request changes, ``keep`` keeps the answer
                despite all changes.
            depends_on: Resources, data sources and module calls that Terraform must create first.
            lifecycle: Additional lifecycle rules, merged with those for ``on_change``.
            provider: An ``OpenaiProvider`` with an alias; default: the stack's default provider.
            parameters: Parameters of the request, see ``Parameters``.

        Raises:
            InvalidInputError: With all problems of the arguments.
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
        # The native provider itself decides which edits need a new request.
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
        """Text of the first answer; null if there is none."""
        return self._or_null("choices[0].message[0].content")

    @property
    def finish_reason(self) -> str:
        """Why the first answer ended: stop, length, function_call or content_filter, else null."""
        return self._or_null("choices[0].finish_reason")

    @property
    def function_name(self) -> str:
        """Name of the function or tool that the first answer calls, else null."""
        return self._or_null(f"{self._call}.name")

    @property
    def function_arguments(self) -> str:
        """Arguments of that call, as JSON text, else null."""
        return self._or_null(f"{self._call}.arguments")

    @property
    def tool_calls(self) -> ResultList[ToolCallResult]:
        """The tool calls of the first answer; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not support tools.
        """
        return tool_calls(self, is_native=self._is_native, path="choices[0].message[0].tool_calls")

    @property
    def service_tier_used(self) -> str:
        """The service tier that answered, null if the host does not report it; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not return it.
        """
        require_native(self, "service_tier_used", is_native=self._is_native)
        return self._reader.string("service_tier_used")

    @property
    def refusal(self) -> str:
        """The model's refusal in the first answer, else null; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not return it.
        """
        require_native(self, "refusal", is_native=self._is_native)
        return self._or_null("choices[0].message[0].refusal")

    @property
    def _call(self) -> str:
        is_tool = self._is_native and "tools" in self._request
        return f"choices[0].message[0].{'tool_calls[0].function[0]' if is_tool else 'function_call[0]'}"

    def _or_null(self, path: str) -> str:
        # An answer is a text or a call, and an imported completion has no answers.
        return FallbackReader(self._reader, NothingReader()).string(path)

    def add_override(self, path: str, value: Any) -> None:
        """Override a part of the JSON. An override of the request changes its hash.

        Raises:
            InvalidInputError: If the override would remove lifecycle rules that ``on_change`` needs.
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
        # The engine appends a list to the existing one, and replaces it by any other value.
        if len(rest) > 1 or not (isinstance(changed, list) or (self._keeps and changed == "all")):
            checks = Checks()
            allowed = f"a list to append to the {needed} that on_change needs"
            checks.refuse(path, value, allowed, "Use a list, or omit it.")
            checks.raise_for(self.node.path)
