"""Explanations of failed requests: the one table from which diagnostics are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tf.utils import Diagnostics

from openai_constructs.provider.native.problems import LONGEST_RETRY_AFTER, ApiProblem
from openai_constructs.schema import METADATA

__all__ = ["TABLE", "Explanation", "add_error", "add_warning", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One row: an API response, and the diagnostic that explains it.

    Attributes:
        answers: Status and code of the response, as the documentation shows them.
        applies: Returns whether this row explains a problem.
        summary: The headline of the diagnostic.
        cause: Why the API responds this way.
        fix: What the user can do.
    """

    answers: str
    applies: Callable[[ApiProblem], bool]
    summary: str
    cause: str
    fix: str


def _is(status: int, *codes: str) -> Callable[[ApiProblem], bool]:
    return lambda it: it.status == status and (not codes or it.code in codes)


def _kind(kind: str) -> Callable[[ApiProblem], bool]:
    return lambda it: it.kind == kind


def _too_long(it: ApiProblem) -> bool:
    message = it.message.lower()
    return it.status == 400 and (
        it.code in ("context_length_exceeded", "string_above_max_length")
        or "maximum context length" in message
        or ("max_tokens" in message and "too large" in message)
    )


def _needs_store(it: ApiProblem) -> bool:
    return it.status == 400 and it.param == "metadata" and "'store'" in it.message


def _bad_metadata(it: ApiProblem) -> bool:
    return it.status == 400 and it.param.partition(".")[0] == "metadata"


TABLE: Final = (
    Explanation(
        answers="no key",
        applies=_kind("no_key"),
        summary="No API key",
        cause="Neither the provider block nor the environment has an API key, so nothing was sent.",
        fix="Set OPENAI_API_KEY, or api_key in the provider block to a sensitive variable.",
    ),
    Explanation(
        answers="unknown settings",
        applies=_kind("unknown"),
        summary="Provider settings known only after apply",
        cause="The provider block depends on something that this plan creates, so nothing was sent.",
        fix="Apply the resources it depends on first: terraform apply -target=ADDRESS.",
    ),
    Explanation(
        answers="interrupted",
        applies=_kind("stopped"),
        summary="Interrupted",
        cause="Terraform was interrupted and cancelled the request. The API may have answered it already.",
        fix=(
            "Apply again. A stored completion with an idempotency_key is found and reused; "
            "any other is requested again."
        ),
    ),
    Explanation(
        answers="no connection",
        applies=_kind("connection"),
        summary="Cannot reach OpenAI",
        cause="The connection was refused or closed.",
        fix="Check the network, the proxy (HTTPS_PROXY) and base_url; then apply again.",
    ),
    Explanation(
        answers="timeout",
        applies=_kind("timeout"),
        summary="No answer in time",
        cause="The request took longer than the provider's timeout.",
        fix="Raise timeout in the provider block, request fewer tokens, or use a faster model.",
    ),
    Explanation(
        answers="200, not JSON",
        applies=_kind("unreadable"),
        summary="Unreadable response",
        cause="The server at this address does not implement the API: the body is not a JSON object.",
        fix="Check base_url: it usually ends in /v1. The response may come from a proxy or a login page.",
    ),
    Explanation(
        answers="not sent",
        applies=_kind("not_sent"),
        summary="Request not sent",
        cause="The address, a header, the proxy or the certificates of this machine cannot be used.",
        fix=(
            "Check base_url, headers, HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE. A SOCKS proxy needs the "
            "package socksio, which `pip install 'openai-constructs[local]'` installs."
        ),
    ),
    Explanation(
        answers="404 or 405 on creation",
        applies=lambda it: it.is_wrong_address,
        summary="No OpenAI API at this address",
        cause="The server at base_url has no /chat/completions.",
        fix="Check base_url (or api_url, OPENAI_BASE_URL): it usually ends in /v1, such as https://host/v1.",
    ),
    Explanation(
        answers="404 or 405 from the store",
        applies=lambda it: it.is_no_store,
        summary="Chat Completions Store not enabled",
        cause="This address or account has no access to stored completions.",
        fix=(
            "Have the store enabled for the account, and use the API key and base_url that created the "
            "completion (base_url usually ends in /v1). Or remove store: the state keeps the answer anyway."
        ),
    ),
    Explanation(
        answers="400, param metadata, without store",
        applies=_needs_store,
        summary="Chat Completions Store not enabled",
        cause="The API accepts metadata only for stored completions.",
        fix="Set store = true, or remove metadata.",
    ),
    Explanation(
        answers="400, param metadata",
        applies=_bad_metadata,
        summary="Metadata refused",
        cause=(
            f"The API allows up to {METADATA.max_items} pairs, with keys up to {METADATA.max_key_length} and "
            f"values up to {METADATA.max_length} characters."
        ),
        fix="Shorten the metadata, or use fewer pairs.",
    ),
    Explanation(
        answers="401",
        applies=_is(401),
        summary="Invalid API key",
        cause="The key is wrong, was revoked, or belongs to another organization or project.",
        fix=(
            "Check OPENAI_API_KEY (or api_key), and organization and project, at "
            "https://platform.openai.com/api-keys."
        ),
    ),
    Explanation(
        answers="403",
        applies=_is(403),
        summary="Not allowed",
        cause="The key lacks a permission, or the API is not available in your country.",
        fix="Give the key write access to Model capabilities, or apply from a supported country.",
    ),
    Explanation(
        answers="404 model_not_found",
        applies=lambda it: it.status == 404 and it.is_about_the_model,
        summary="Model not available",
        cause="There is no such model, it was shut down, or the account has no access to it.",
        fix=("Use a model that `GET /v1/models` lists for the account, or set fallback_models."),
    ),
    Explanation(
        answers="404 naming a stored completion",
        applies=lambda it: it.is_gone,
        summary="Not found in the Chat Completions Store",
        cause="The completion expired (the store keeps them for 30 days), was deleted, or was never stored.",
        fix='Use the API key that created it, or set on_missing = "recreate" to request it again.',
    ),
    Explanation(
        answers="400 context_length_exceeded",
        applies=_too_long,
        summary="Token limit exceeded",
        cause="The messages and the requested answer exceed the model's context.",
        fix="Shorten the messages, lower max_completion_tokens, or use a model with a larger context.",
    ),
    Explanation(
        answers="400 unsupported_parameter, unsupported_value",
        applies=_is(400, "unsupported_parameter", "unsupported_value"),
        summary="Not supported by the model",
        cause="The model does not support this argument, or not with this value.",
        fix=(
            "Follow the message: reasoning models need max_completion_tokens instead of max_tokens, and "
            "support only a temperature of 1."
        ),
    ),
    Explanation(
        answers="400 content_filter, content_policy_violation, invalid_prompt",
        applies=_is(400, "content_filter", "content_policy_violation", "invalid_prompt"),
        summary="Refused by the content policy",
        cause="The prompt violates OpenAI's usage policy.",
        fix="Change the messages. The same request will be refused again.",
    ),
    Explanation(
        answers="400",
        applies=_is(400),
        summary="Request refused",
        cause="An argument has a value that the API does not accept.",
        fix="Correct the argument that the message names.",
    ),
    Explanation(
        answers="408",
        applies=_is(408),
        summary="No answer in time",
        cause="The API timed out while waiting for the request.",
        fix="Apply again; if it happens often, request fewer tokens.",
    ),
    Explanation(
        answers="409",
        applies=_is(409),
        summary="Conflict with another request",
        cause="Another request was changing the same completion.",
        fix="Apply again, one run at a time.",
    ),
    Explanation(
        answers="413",
        applies=_is(413),
        summary="Request too large",
        cause="The API, or a proxy in front of it, does not accept a body of this size.",
        fix="Shorten the messages.",
    ),
    Explanation(
        answers="422",
        applies=_is(422),
        summary="Request refused",
        cause="The API understood the request but cannot process it.",
        fix="Correct the argument that the message names.",
    ),
    Explanation(
        answers="429 insufficient_quota",
        applies=lambda it: it.is_quota_exhausted,
        summary="Out of quota",
        cause="The account has no credit left or has reached a spending limit, so there was no retry.",
        fix="Check plan, credit and limits at https://platform.openai.com/settings/organization/billing.",
    ),
    Explanation(
        answers="429",
        applies=_is(429),
        summary="Rate limit reached",
        cause="The account reached its limit of requests or tokens per minute.",
        fix=(
            "Apply with -parallelism=2, raise max_retries in the provider block, or have the limits raised. "
            "Answers so far are kept: applying again requests only the rest."
        ),
    ),
    Explanation(
        answers="503",
        applies=_is(503),
        summary="OpenAI is overloaded",
        cause="The model was overloaded on every attempt.",
        fix="Apply again later, or set fallback_models.",
    ),
    Explanation(
        answers="200 with an error",
        applies=lambda it: it.is_in_answer and it.status == 200,
        summary="Error instead of an answer",
        cause="The host answered with status 200 and an error object instead of a completion.",
        fix="See the message. Behind a gateway, the host of the model failed: apply again, or use another.",
    ),
    Explanation(
        answers="500, 502, 504",
        applies=lambda it: it.status >= 500,
        summary="OpenAI failed",
        cause="The API reported an error of its own.",
        fix="Apply again later; https://status.openai.com lists known incidents.",
    ),
    Explanation(
        answers="any other",
        applies=lambda _: True,
        summary="Request failed",
        cause="The API sent an undocumented response.",
        fix="See the message. If it does not help, report it to OpenAI with the request id.",
    ),
)
"""All rows; the first one that applies explains the problem."""


def explain(problem: ApiProblem) -> Explanation:
    """Return the row that explains a problem."""
    return next(row for row in TABLE if row.applies(problem))


def add_error(diagnostics: Diagnostics, problem: ApiProblem, consequence: str = "") -> None:
    """Report a problem that ends the operation."""
    diagnostics.add_error(explain(problem).summary, _detail(problem, consequence))


def add_warning(diagnostics: Diagnostics, problem: ApiProblem, consequence: str) -> None:
    """Report a problem after which the operation continues."""
    diagnostics.add_warning(explain(problem).summary, _detail(problem, consequence))


def _detail(problem: ApiProblem, consequence: str) -> str:
    row = explain(problem)
    lines = [_event(problem), _retries(problem), f"Cause: {row.cause}", f"Fix: {row.fix}", consequence]
    if problem.request_id:
        lines.append(f"Request id: {problem.request_id}")
    return "\n".join(line for line in lines if line)


def _event(problem: ApiProblem) -> str:
    request = f"{problem.method} {problem.path}".strip()
    match problem.kind:
        case "status":
            code = f" {problem.code}" if problem.code else ""
            status = (
                f"200 and the error{code or ' object'}" if problem.is_in_answer else f"{problem.status}{code}"
            )
            return f"{request} was answered with {status}: {problem.message}"
        case "connection" | "unreadable" | "not_sent":
            return f"{request}: {problem.message}" if request else problem.message
        case "unknown":
            return f"Not known yet: {problem.message}."
        case "timeout":
            return f"{request} got no answer."
        case _:
            return ""


def _retries(problem: ApiProblem) -> str:
    """Describe how often the request was sent and, unless it is obvious, why not more often."""
    sent = f"The request was sent {problem.attempts} times. " if problem.attempts > 1 else ""
    if problem.is_wait_too_long and not problem.is_quota_exhausted:
        return (
            f"{sent}The API asks to wait {_duration(problem.retry_after or 0)}, which is longer than the "
            f"{LONGEST_RETRY_AFTER:.0f} seconds that the provider waits, so it was not retried. "
            "Apply again after that time."
        )
    if problem.retry_hint is False:
        return f"{sent}The API says not to retry (x-should-retry)."
    return sent.strip()


def _duration(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
