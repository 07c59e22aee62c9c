"""Parameters of chats and stored completions. A test compares them with the table in ``schema.py``."""

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
    "CommonParameters",
    "NativeParameters",
    "Parameters",
    "RequestOptions",
    "StoreOptions",
    "refuse_unknown",
]


class CommonParameters(TypedDict, total=False):
    """Parameters that both providers support.

    Source: API reference, create chat completion.
    """

    temperature: Number | None
    """Sampling temperature, 0 to 2."""
    max_tokens: Number | None
    """Maximum number of tokens in an answer, at least 1."""
    top_p: Number | None
    """Nucleus sampling, 0 to 1."""
    n: Number | None
    """Number of answers, 1 to 128."""
    stop: Sequence[str] | None
    """Texts that end an answer, 1 to 4."""
    presence_penalty: Number | None
    """Penalty for tokens that occur in the text so far, -2 to 2."""
    frequency_penalty: Number | None
    """Penalty for tokens by how often they occur in the text so far, -2 to 2."""
    logit_bias: Mapping[str, float] | None
    """Map of token id to bias, -100 to 100."""
    user: str | None
    """Stable identifier of the end user."""


class StoreOptions(TypedDict, total=False):
    """Options for storing a completion."""

    store: Flag | None
    """Whether OpenAI stores the completion."""
    metadata: Mapping[str, str] | None
    """Labels of a stored completion; 16 pairs, keys to 64 and values to 512 characters."""


class CallOptions(TypedDict, total=False):
    """Options of a chat's module call."""

    source: str | None
    """A module to use instead of the packaged one, with the same variables and outputs: a path relative to
    the stack's folder, a registry address or a URL."""
    version: str | None
    """Version constraint of a module from a registry."""
    provider: cdk.TerraformProvider | None
    """An ``OpenaiProvider`` with an alias; default: the stack's default provider."""
    depends_on: Sequence[cdk.ITerraformDependable] | None
    """Resources, data sources and module calls that Terraform must create first."""


class NativeParameters(TypedDict, total=False):
    """Parameters that only the native provider supports.

    Source: API reference, create chat completion.
    """

    max_completion_tokens: Number | None
    """Maximum number of tokens in an answer, including reasoning tokens; at least 1."""
    tools: Sequence[ToolLike] | None
    """Tools that the model may call, 1 to 128."""
    tool_choice: str | ToolChoice | None
    """``auto``, ``none``, ``required``, or one of the tools."""
    allowed_tools: Sequence[str] | None
    """Names of the tools that the model may call now, 1 to 128. The other tools stay in the request, which
    keeps the prompt cache valid. Needs ``tool_choice`` ``auto`` or ``required``."""
    parallel_tool_calls: Flag | None
    """Whether one answer may call several tools."""
    response_format: ResponseFormatLike | None
    """Format of the answer: a ``openai_constructs.ResponseFormat``, or a pydantic model."""
    seed: Number | None
    """Seed for sampling, any int. Equal seeds mostly give equal answers."""
    reasoning_effort: str | None
    """``none``, ``minimal``, ``low``, ``medium``, ``high``, ``xhigh`` or ``max``. Not every model supports
    all of them."""
    service_tier: str | None
    """``auto``, ``default``, ``flex``, ``scale``, ``priority`` or ``fast``."""
    verbosity: str | None
    """Length of the answer: ``low``, ``medium`` or ``high``."""
    logprobs: Flag | None
    """Whether to return log probabilities of the answer's tokens."""
    top_logprobs: Number | None
    """Number of most likely tokens to return at each position, 0 to 20; needs ``logprobs``."""
    safety_identifier: str | None
    """Stable identifier of the end user, for abuse detection. An edit sends no request."""
    prompt_cache_key: str | None
    """Key that groups similar requests in the prompt cache. An edit sends no request."""
    prompt_cache_options: Mapping[str, object] | str | None
    """Mode and ttl of the prompt cache, as a dict or JSON text. An edit sends no request."""
    prediction: Mapping[str, object] | str | None
    """Text that much of the answer will repeat, as a dict or JSON text."""
    web_search_options: Mapping[str, object] | str | None
    """Options of a web search, as a dict or JSON text."""
    extra: Mapping[str, object] | str | None
    """Additional fields of the request's body, as a dict or JSON text; names of arguments are rejected."""
    fallback_models: Sequence[str] | None
    """Models to try in turn if a model is unavailable or overloaded, 1 to 8."""
    idempotency_key: str | None
    """Distinguishes this completion from others with the same request, so that the provider finds a stored
    completion whose response was lost. Default: stack and path of the construct."""
    on_destroy: Literal["delete", "keep"] | None
    """``delete`` deletes a stored completion with the resource, ``keep`` leaves it in the store."""
    on_incomplete: Literal["warn", "error", "accept"] | None
    """Action if an answer is cut off, refused, filtered or empty: accept it with a warning (``warn``, the
    default), fail and keep the old answer (``error``), or ``accept`` it."""
    on_missing: Literal["keep", "recreate"] | None
    """Action if the store no longer has the completion: ``keep`` the answer, or ``recreate`` it."""


# Editors list the keys of the first base first, so common parameters come before rare ones.
class Parameters(CommonParameters, NativeParameters, total=False):
    """Parameters of a request. The public provider sends a temperature, top_p and n of 1 if they are not set.

    Source: API reference, create chat completion.
    """


class RequestOptions(CommonParameters, StoreOptions, NativeParameters, total=False):
    """Parameters of a chat's request."""


class ChatOptions(CommonParameters, StoreOptions, CallOptions, NativeParameters, total=False):
    """Parameters of a chat's request and options of its module call."""


def refuse_unknown(owner: object, given: Mapping[str, Any], allowed: type) -> None:
    """Check for unknown keyword arguments, and suggest a similar name like Python does.

    Raises:
        TypeError: If there is one.
    """
    for name in given.keys() - allowed.__annotations__.keys():
        from difflib import get_close_matches

        near = get_close_matches(name, _keywords(type(owner), allowed), 1)
        hint = f". Did you mean {near[0]!r}?" if near else ""
        if name == "lifecycle":
            hint = ". A chat is a module call, without a lifecycle: a StoredCompletion protects an answer"
        raise TypeError(f"{type(owner).__name__}() got an unexpected keyword argument {name!r}{hint}")


def _keywords(owner: type, allowed: type) -> list[str]:
    """Return the names of a constructor's keyword arguments."""
    own = inspect.signature(owner.__init__).parameters.values()  # type: ignore[misc]
    named = [parameter.name for parameter in own if parameter.kind is parameter.KEYWORD_ONLY]
    return [*named, *allowed.__annotations__]
