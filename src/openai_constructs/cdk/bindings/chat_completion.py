"""``resource "openai_chat_completion"``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Unpack

from constructs import Construct

from openai_constructs.cdk import results
from openai_constructs.cdk.annotations import request_warnings
from openai_constructs.cdk.bindings.base import (
    Flag,
    Lifecycle,
    Number,
    ReadsItself,
    block_config,
    meta_arguments,
    name_provider,
)
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.creation import RendersArguments, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.meta import lifecycle_fields
from openai_constructs.cdk.parameters import NativeParameters, refuse_unknown
from openai_constructs.cdk.readers import InstanceReader
from openai_constructs.cdk.scopes import Scope
from openai_constructs.cdk.text import render
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import FunctionLike
from openai_constructs.values.messages import MessageLike
from openai_constructs.values.request import request_arguments

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Count

__all__ = ["ChatCompletion", "ChatCompletionInstance"]


class _ChatCompletionAttributes:
    """What can be read of ``openai_chat_completion``."""

    id = results.string()
    """Id of the completion, as the API gave it."""
    chat_completion_id = results.string()
    """The same."""
    model = results.string()
    """The model that was asked for."""
    model_used = results.string()
    """The model that answered."""
    object = results.string()
    """Always ``chat.completion``."""
    created = results.number()
    """When it was made, in seconds since 1970-01-01 UTC."""
    choices = results.nested(results.Choice)
    """The answers."""
    usage = results.usage_map()
    """Tokens spent."""
    messages = results.nested(results.ListedMessage)
    """The conversation that was sent."""
    functions = results.nested(results.FunctionResult)
    """The functions that were offered."""
    function_call = results.string()
    """How functions were to be called."""
    temperature = results.number()
    """Sampling temperature."""
    top_p = results.number()
    """Nucleus sampling."""
    n = results.number()
    """How many answers were asked for."""
    max_tokens = results.number()
    """Most tokens of an answer."""
    presence_penalty = results.number()
    """Penalty for what was said before at all."""
    frequency_penalty = results.number()
    """Penalty for how often it was said before."""
    stop = results.value()
    """Texts that end an answer, a list."""
    logit_bias = results.value()
    """Token id to bias, a map of numbers."""
    metadata = results.value()
    """Labels of the stored completion, a map of texts."""
    user = results.string()
    """Identifier of the end user."""
    store = results.value()
    """Whether it is stored, a bool."""
    stream = results.value()
    """Whether the answer was streamed, a bool."""
    project_id = results.string()
    """The project, which the provider does not send."""
    imported = results.value()
    """Whether it was imported, a bool."""
    imported_resource = results.string(name="_imported_resource")
    """Mark of the provider's import."""


class ChatCompletionInstance(_ChatCompletionAttributes, results.Results):
    """One instance of a ``ChatCompletion`` that has ``count`` or ``for_each``."""


class ChatCompletion(ReadsItself, _ChatCompletionAttributes, RendersArguments, cdk.TerraformResource):
    """``resource "openai_chat_completion"``: one request to the model, its answer kept in the state.

    The provider replaces it on most edits, but plans an edit of ``temperature`` or of a message in place and
    then fails; ``openai_constructs.StoredCompletion`` replaces on every edit.

    Source: API reference, create chat completion; resource ``openai_chat_completion`` of mkdev-me/openai
    1.2.0.
    """

    TF_RESOURCE_TYPE: Final = "openai_chat_completion"

    _scope: Scope

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: str,
        messages: Sequence[MessageLike],
        functions: Sequence[FunctionLike] | None = None,
        function_call: str | None = None,
        temperature: Number | None = None,
        top_p: Number | None = None,
        n: Number | None = None,
        max_tokens: Number | None = None,
        presence_penalty: Number | None = None,
        frequency_penalty: Number | None = None,
        stop: Sequence[str] | None = None,
        logit_bias: Mapping[str, float] | None = None,
        user: str | None = None,
        store: Flag | None = None,
        metadata: Mapping[str, str] | None = None,
        stream: Flag | None = None,
        project_id: str | None = None,
        imported: Flag | None = None,
        imported_resource: str | None = None,
        id: str | None = None,
        connection: cdk.SSHProvisionerConnection | cdk.WinrmProvisionerConnection | None = None,
        count: int | Count | None = None,
        depends_on: Sequence[cdk.ITerraformDependable] | None = None,
        for_each: cdk.ITerraformIterator | None = None,
        lifecycle: Lifecycle | None = None,
        provider: cdk.TerraformProvider | None = None,
        provisioners: Sequence[Any] | None = None,
        **native: Unpack[NativeParameters],
    ) -> None:
        """Create the resource.

        Args:
            scope: The stack, or a construct in it.
            id_: Its Terraform name, where the scope is the stack.
            model: Id of the model; any text.
            messages: The conversation so far, oldest first; at least one.
            functions: Functions the model may call, 1 to 128.
            function_call: ``auto``, ``none``, or the name of one of them.
            temperature: Sampling temperature, 0 to 2.
            top_p: Nucleus sampling, 0 to 1.
            n: How many answers, 1 to 128.
            max_tokens: Most tokens of an answer, from 1.
            presence_penalty: -2 to 2.
            frequency_penalty: -2 to 2.
            stop: 1 to 4 texts that end an answer.
            logit_bias: Token id to a bias from -100 to 100.
            user: Stable identifier of the end user.
            store: Whether OpenAI keeps the completion.
            metadata: Labels of a stored completion; 16 pairs, keys to 64 and values to 512 characters.
            stream: Taken by the provider, which cannot read the answer then.
            project_id: Taken by the provider, which does not send it.
            imported: Whether it was imported rather than asked for.
            imported_resource: ``_imported_resource``, the provider's own mark.
            id: Id in the state, which the provider sets itself.
            connection: CDKTF meta-argument, as are the others below.
            count: How many instances.
            depends_on: What has to be there first.
            for_each: An instance for each of these.
            lifecycle: How Terraform treats changes.
            provider: Another provider than the default one.
            provisioners: Run after creation.
            native: Parameters that only the native provider takes, see
                ``openai_constructs.cdk.parameters.NativeParameters``.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        refuse_unknown(self, native, NativeParameters)
        given = {
            "model": model,
            "messages": messages,
            "functions": functions,
            "function_call": function_call,
            "temperature": temperature,
            "top_p": top_p,
            "n": n,
            "max_tokens": max_tokens,
            "presence_penalty": presence_penalty,
            "frequency_penalty": frequency_penalty,
            "stop": stop,
            "logit_bias": logit_bias,
            "user": user,
            "store": store,
            "metadata": metadata,
            "stream": stream,
            "project_id": project_id,
            "imported": imported,
            "_imported_resource": imported_resource,
            "id": id,
            **native,
        }
        meta = meta_arguments(count, depends_on, for_each, lifecycle, provider)
        meta |= {"connection": connection, "provisioners": provisioners}
        self._create(ConstructContext(scope, id_), given, meta)

    def _create(
        self, context: ConstructContext, given: Mapping[str, object], meta: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Create the resource from checked arguments, and return them."""
        arguments = request_arguments(context.checks, given, context.state.edition)
        context.claim("id", self.TF_RESOURCE_TYPE)
        config = block_config(context, self.TF_RESOURCE_TYPE, meta)
        config["lifecycle"] = self._complete_lifecycle(config["lifecycle"] or {}) or None
        with context.raise_or_create():
            original, self._arguments = render(arguments)
            warnings = request_warnings(original, context.state)
            create(cdk.TerraformResource, self, context, config, warnings)
            name_provider(self, context, meta)
            self._on_created(context, original)
        self._scope = context.scope
        return original

    def __setattr__(self, name: str, value: Any) -> None:
        # Not a property: jsii would take it for an override, and the engine would ask Python at each read.
        if name == "lifecycle":
            value = self._to_lifecycle(value)
        super().__setattr__(name, value)

    def _to_lifecycle(self, value: object) -> cdk.TerraformResourceLifecycle | None:
        """A lifecycle that is assigned, by an aspect say, as the resource has it."""
        checks = Checks()
        fields = self._complete_lifecycle(lifecycle_fields(checks, value))
        if checks.problems:
            checks.raise_for(self.node.path)
        return cdk.TerraformResourceLifecycle(**fields) if fields else None

    def _complete_lifecycle(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The lifecycle of the resource: the given fields, and those that it needs."""
        return fields

    def _on_created(self, context: ConstructContext, request: dict[str, Any]) -> None:
        """Add to the stack what goes with the resource."""

    def instance(self, key: int | str) -> ChatCompletionInstance:
        """One instance, by its number under ``count`` or its key under ``for_each``."""
        return ChatCompletionInstance(InstanceReader(self, key))
