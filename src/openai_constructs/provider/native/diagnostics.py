"""What a failed request means and what to do about it: the one table that diagnostics are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tf.utils import Diagnostics

from openai_constructs.provider.native.problems import ApiProblem

__all__ = ["TABLE", "Explanation", "add_error", "add_warning", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One row: what the API answers, and what Terraform tells.

    Attributes:
        answers: The status and code, as a reader of the documentation knows them.
        applies: Whether a problem is of this row.
        summary: The headline of the diagnostic.
        cause: Why the API answers so.
        fix: What to do now.
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
    said = it.message.lower()
    return it.status == 400 and (
        it.code in ("context_length_exceeded", "string_above_max_length")
        or "maximum context length" in said
        or ("max_tokens" in said and "too large" in said)
    )


def _wants_store(it: ApiProblem) -> bool:
    return it.status == 400 and it.param == "metadata" and "'store'" in it.message


def _bad_metadata(it: ApiProblem) -> bool:
    return it.status == 400 and it.param.partition(".")[0] == "metadata"


TABLE: Final = (
    Explanation(
        answers="no key",
        applies=_kind("no_key"),
        summary="No API key",
        cause="Neither the provider block nor the environment has one, so nothing was sent.",
        fix="Set OPENAI_API_KEY, or api_key in the provider block to a sensitive variable.",
    ),
    Explanation(
        answers="interrupted",
        applies=_kind("stopped"),
        summary="Interrupted",
        cause="Terraform was asked to stop, so the request was ended. The API may have answered it already.",
        fix=(
            "Apply again. A stored completion with an idempotency_key is found again and not asked twice; "
            "any other is asked anew."
        ),
    ),
    Explanation(
        answers="no connection",
        applies=_kind("connection"),
        summary="OpenAI cannot be reached",
        cause="The connection was refused or cut, each time it was tried.",
        fix="Check the network, the proxy (HTTPS_PROXY) and base_url; then apply again.",
    ),
    Explanation(
        answers="timeout",
        applies=_kind("timeout"),
        summary="No answer in time",
        cause="The request took longer than the provider's timeout, each time it was tried.",
        fix="Raise timeout in the provider block, ask for fewer tokens, or use a faster model.",
    ),
    Explanation(
        answers="200, no JSON",
        applies=_kind("unreadable"),
        summary="The answer cannot be read",
        cause="What answers at this address does not speak the API: the body is no JSON object.",
        fix="Check base_url: it usually ends in /v1. A proxy or login page may stand in the way.",
    ),
    Explanation(
        answers="404 or 405 at the store",
        applies=lambda it: it.is_no_store,
        summary="Chat Completions Store not enabled",
        cause="Stored completions cannot be read or changed at this address, or with this account.",
        fix=(
            "Have the store enabled for the account, use the API key the completion was made with, and a "
            "model of gpt-4-1106-preview or later; or leave store out, and read the answer from the state."
        ),
    ),
    Explanation(
        answers="400, param metadata, without store",
        applies=_wants_store,
        summary="Chat Completions Store not enabled",
        cause="The API takes metadata only for a completion that it stores.",
        fix="Set store = true, or take out metadata.",
    ),
    Explanation(
        answers="400, param metadata",
        applies=_bad_metadata,
        summary="Metadata refused",
        cause="There may be up to 16 pairs, with keys up to 64 and values up to 512 characters.",
        fix="Shorten the metadata, or put fewer pairs into it.",
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
        cause="The key lacks a permission this needs, or the API is not offered where the request came from.",
        fix="Give the key write access to Model capabilities, or apply from a supported country.",
    ),
    Explanation(
        answers="404 model_not_found",
        applies=lambda it: it.status == 404 and it.is_about_the_model,
        summary="Model not available",
        cause="There is no such model, it was shut down, or the account has no access to it.",
        fix=(
            "Name a model that `GET /v1/models` lists for the account, or give fallback_models to be used "
            "in its place."
        ),
    ),
    Explanation(
        answers="404",
        applies=_is(404),
        summary="Not found in the Chat Completions Store",
        cause="It expired (the store keeps completions for 30 days), was deleted, or never was stored.",
        fix='Use the API key it was made with; or set on_missing = "recreate" to have it asked anew.',
    ),
    Explanation(
        answers="400 context_length_exceeded",
        applies=_too_long,
        summary="Token limit exceeded",
        cause="The messages, and the answer that is asked for, are longer than the model can take.",
        fix="Shorten the messages, lower max_completion_tokens, or use a model with a larger context.",
    ),
    Explanation(
        answers="400 unsupported_parameter, unsupported_value",
        applies=_is(400, "unsupported_parameter", "unsupported_value"),
        summary="Not supported by the model",
        cause="The model does not take this argument, or not with this value.",
        fix=(
            "Do what the message says: reasoning models take max_completion_tokens in place of max_tokens, "
            "and no temperature but 1."
        ),
    ),
    Explanation(
        answers="400 content_filter, content_policy_violation, invalid_prompt",
        applies=_is(400, "content_filter", "content_policy_violation", "invalid_prompt"),
        summary="Refused by the content policy",
        cause="OpenAI's usage policy does not let the prompt through.",
        fix="Change the messages. Asking the same again gets the same answer.",
    ),
    Explanation(
        answers="400",
        applies=_is(400),
        summary="Request refused",
        cause="An argument has a value the API does not take.",
        fix="Correct the argument that the message names.",
    ),
    Explanation(
        answers="408",
        applies=_is(408),
        summary="No answer in time",
        cause="The API gave up waiting, each time it was tried.",
        fix="Apply again; ask for fewer tokens where it happens often.",
    ),
    Explanation(
        answers="409",
        applies=_is(409),
        summary="Changed by somebody else",
        cause="Another request was changing the same thing, each time it was tried.",
        fix="Apply again, one run at a time.",
    ),
    Explanation(
        answers="413",
        applies=_is(413),
        summary="Request too large",
        cause="The API, or a proxy before it, does not take a body of this size.",
        fix="Shorten the messages.",
    ),
    Explanation(
        answers="422",
        applies=_is(422),
        summary="Request refused",
        cause="The API understood the request and cannot carry it out.",
        fix="Correct the argument that the message names.",
    ),
    Explanation(
        answers="429 insufficient_quota",
        applies=lambda it: it.is_out_of_money,
        summary="Out of quota",
        cause="The account has no credit left, or a spending limit is reached. It was not tried again.",
        fix="Check plan, credit and limits at https://platform.openai.com/settings/organization/billing.",
    ),
    Explanation(
        answers="429",
        applies=_is(429),
        summary="Rate limit reached",
        cause="More requests or tokens than the account may use in a minute, each time it was tried.",
        fix=(
            "Apply with -parallelism=2, raise max_retries in the provider block, or have the limits raised. "
            "What was answered is kept: applying again asks for the rest."
        ),
    ),
    Explanation(
        answers="503",
        applies=_is(503),
        summary="OpenAI is overloaded",
        cause="The model has too much to do, each time it was tried.",
        fix="Apply again later, or give fallback_models to be used in its place.",
    ),
    Explanation(
        answers="500, 502, 504",
        applies=lambda it: it.status >= 500,
        summary="OpenAI failed",
        cause="The error is the API's own, each time it was tried.",
        fix="Apply again later; https://status.openai.com tells of known trouble.",
    ),
    Explanation(
        answers="any other",
        applies=lambda _: True,
        summary="Request failed",
        cause="The API gave an answer that is not documented.",
        fix="See the message; report it with the request id where it does not help.",
    ),
)
"""The rows, the first that applies decides."""


def explain(problem: ApiProblem) -> Explanation:
    """The row of a problem."""
    return next(row for row in TABLE if row.applies(problem))


def add_error(diagnostics: Diagnostics, problem: ApiProblem, consequence: str = "") -> None:
    """Tell of a problem that ends the operation."""
    diagnostics.add_error(explain(problem).summary, _detail(problem, consequence))


def add_warning(diagnostics: Diagnostics, problem: ApiProblem, consequence: str) -> None:
    """Tell of a problem that the operation survives."""
    diagnostics.add_warning(explain(problem).summary, _detail(problem, consequence))


def _detail(problem: ApiProblem, consequence: str) -> str:
    row = explain(problem)
    lines = [_said(problem), f"Cause: {row.cause}", f"Fix: {row.fix}", consequence]
    if problem.request_id:
        lines.append(f"Request id: {problem.request_id}")
    return "\n".join(line for line in lines if line)


def _said(problem: ApiProblem) -> str:
    request = f"{problem.method} {problem.path}"
    match problem.kind:
        case "status":
            code = f" {problem.code}" if problem.code else ""
            return f"{request} was answered with {problem.status}{code}: {problem.message}"
        case "connection" | "unreadable":
            return f"{request}: {problem.message}"
        case "timeout":
            return f"{request} had no answer."
        case _:
            return ""
