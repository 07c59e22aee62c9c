"""The parameters of chats and stored completions. A test compares them with the table in ``schema.py``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.structural import Flag, Number

if TYPE_CHECKING:
    from openai_constructs.values.formats import ResponseFormatLike
    from openai_constructs.values.tools import ToolChoice, ToolLike

__all__ = [
    "CallOptions",
    "ChatOptions",
    "NativeParameters",
    "Parameters",
    "RequestOptions",
    "refuse_unknown",
]


class NativeParameters(TypedDict, total=False):
    """Parameters that only the native provider takes.

    Attributes:
        max_completion_tokens: Maximum number of tokens in an answer, including reasoning tokens; at least 1.
        tools: Tools the model may call, 1 to 128.
        tool_choice: ``auto``, ``none``, ``required``, or one of the tools.
        parallel_tool_calls: Whether one answer may call several tools.
        response_format: Format of the answer: a ``openai_constructs.ResponseFormat``, or a pydantic model.
        seed: Seed for sampling; the same seed gives mostly the same answer. Any int.
        reasoning_effort: ``none``, ``minimal``, ``low``, ``medium``, ``high``, ``xhigh`` or ``max``. Not
            every model takes all of them.
        service_tier: ``auto``, ``default``, ``flex``, ``scale``, ``priority`` or ``fast``.
        verbosity: Length of the answer: ``low``, ``medium`` or ``high``.
        logprobs: Whether to return log probabilities of the answer's tokens.
        top_logprobs: Number of most likely tokens to return at each position, 0 to 20; needs ``logprobs``.
        safety_identifier: Stable identifier of the end user, for abuse detection. An edit requests nothing.
        prompt_cache_key: Key that groups similar requests in the prompt cache. An edit requests nothing.
        prompt_cache_options: Mode and ttl of the prompt cache, a dict or its JSON text. An edit requests
            nothing.
        prediction: Text that much of the answer will repeat, a dict or its JSON text.
        web_search_options: Options of a search of the web, a dict or its JSON text.
        extra: More members of the request's body, a dict or its JSON text; names of arguments are refused.
        fallback_models: Models to use in turn if a model is unavailable or overloaded, 1 to 8.
        idempotency_key: Tells this completion from others with the same request, so that a stored completion
            whose answer was lost is found again. Left out: stack and path of the construct.
        on_destroy: ``delete`` deletes a stored completion with the resource, ``keep`` leaves it in the store.
        on_incomplete: If an answer is cut, refused, filtered or empty: ``warn`` and take it (the default),
            ``error`` and keep the old answer, or ``accept`` it.
        on_missing: If the store has lost the completion: ``keep`` the answer, or ``recreate`` it.

    Source: API reference, create chat completion.
    """

    max_completion_tokens: Number | None
    tools: Sequence[ToolLike] | None
    tool_choice: str | ToolChoice | None
    parallel_tool_calls: Flag | None
    response_format: ResponseFormatLike | None
    seed: Number | None
    reasoning_effort: str | None
    service_tier: str | None
    verbosity: str | None
    logprobs: Flag | None
    top_logprobs: Number | None
    safety_identifier: str | None
    prompt_cache_key: str | None
    prompt_cache_options: Mapping[str, object] | str | None
    prediction: Mapping[str, object] | str | None
    web_search_options: Mapping[str, object] | str | None
    extra: Mapping[str, object] | str | None
    fallback_models: Sequence[str] | None
    idempotency_key: str | None
    on_destroy: Literal["delete", "keep"] | None
    on_incomplete: Literal["warn", "error", "accept"] | None
    on_missing: Literal["keep", "recreate"] | None


class Parameters(NativeParameters, total=False):
    """Parameters of a request. The public provider sends a temperature, top_p and n of 1 if they are not set.

    Attributes:
        temperature: Sampling temperature, 0 to 2.
        max_tokens: Maximum number of tokens in an answer, at least 1.
        top_p: Nucleus sampling, 0 to 1.
        n: Number of answers, 1 to 128.
        stop: Texts that end an answer, 1 to 4.
        presence_penalty: Penalty for tokens that occur in the text so far, -2 to 2.
        frequency_penalty: Penalty for tokens by how often they occur in the text so far, -2 to 2.
        logit_bias: Token id to a bias, -100 to 100.
        user: Stable identifier of the end user.

    Source: API reference, create chat completion.
    """

    temperature: Number | None
    max_tokens: Number | None
    top_p: Number | None
    n: Number | None
    stop: Sequence[str] | None
    presence_penalty: Number | None
    frequency_penalty: Number | None
    logit_bias: Mapping[str, float] | None
    user: str | None


class RequestOptions(Parameters, total=False):
    """The parameters of a chat's request.

    Attributes:
        store: Whether OpenAI keeps the completion.
        metadata: Labels of a stored completion; 16 pairs, keys to 64 and values to 512 characters.
    """

    store: Flag | None
    metadata: Mapping[str, str] | None


class CallOptions(TypedDict, total=False):
    """How the module of a chat is called.

    Attributes:
        source: Another module than the packaged one, with the same variables and outputs: a path (as
            Terraform reads it from the stack's folder), a registry address or a URL.
        version: Version constraint of a module from a registry.
        provider: Another ``OpenaiProvider`` than the default one.
        depends_on: What has to be there first.
    """

    source: str | None
    version: str | None
    provider: cdk.TerraformProvider | None
    depends_on: Sequence[cdk.ITerraformDependable] | None


class ChatOptions(RequestOptions, CallOptions, total=False):
    """Parameters of a request, and how its module is called; see the classes it is made of."""


def refuse_unknown(owner: object, given: Mapping[str, Any], allowed: type) -> None:
    """Raise what Python raises for a keyword argument that a function does not have.

    Raises:
        TypeError: When there is one.
    """
    for name in given.keys() - allowed.__annotations__.keys():
        from difflib import get_close_matches

        near = get_close_matches(name, _keywords(type(owner), allowed), 1)
        hint = f". Did you mean {near[0]!r}?" if near else ""
        raise TypeError(f"{type(owner).__name__}() got an unexpected keyword argument {name!r}{hint}")


def _keywords(owner: type, allowed: type) -> list[str]:
    """The keyword arguments of a constructor."""
    own = inspect.signature(owner.__init__).parameters.values()  # type: ignore[misc]
    named = [parameter.name for parameter in own if parameter.kind is parameter.KEYWORD_ONLY]
    return [*named, *allowed.__annotations__]
