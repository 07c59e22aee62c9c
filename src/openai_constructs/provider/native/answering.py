"""Turning a request into a new state, or into an error that leaves the prior state unchanged."""

from __future__ import annotations

from typing import Final

from tf.utils import Diagnostics

from openai_constructs.errors import ArchiveError
from openai_constructs.provider.core.blocks import State
from openai_constructs.provider.core.planning import Change
from openai_constructs.provider.native.answers import answer_state, shortcomings, text
from openai_constructs.provider.native.client import Api, Json
from openai_constructs.provider.native.creation import CompletionRequest, Creation, StoredRef, unnamed_id
from openai_constructs.provider.native.diagnostics import add_error, add_warning
from openai_constructs.provider.native.incomplete import (
    ACCEPTED,
    DETACHED,
    PAID,
    REFUSED_CREATION,
    REFUSED_EDIT,
)
from openai_constructs.provider.native.ledger import BudgetError
from openai_constructs.provider.native.problems import ApiProblem
from openai_constructs.provider.native.request import hashed_body, request_body
from openai_constructs.provider.native.session import Session
from openai_constructs.provider.native.stored import release, replace_metadata
from openai_constructs.provider.native.tags import MAX_PAIRS, labelled, request_tag
from openai_constructs.schema import Block

__all__ = ["answer", "request_of"]

_OLD_ANSWER: Final = "The old answer stays in the state and in the store. The next plan shows the edit again."


def request_of(block: Block, config: State, prior: State | None, *, takes_store: bool) -> CompletionRequest:
    """Return the request for a configuration. An edit has a reproducible tag, so a retry finds its answer.

    Args:
        block: The resource's block in the schema table.
        config: The configuration, without unknown values.
        prior: The prior state of an edit; ``None`` for a creation.
        takes_store: The host is known to accept `store: false`.
    """
    body = request_body(block, config, takes_store=takes_store)
    # Hash the same request on every host, whether or not an unset `store` is sent there.
    hashed = hashed_body(block, {"store": False, **body})
    models = (config["model"], *(config["fallback_models"] or ()))
    own_key = config["idempotency_key"]
    key = own_key or (f"edit of {prior['id']}" if prior else None)
    tag = None
    if body.get("store") and len(config["metadata"] or {}) < MAX_PAIRS:
        tag = request_tag(hashed, models, key)
    metadata = labelled(config["metadata"], tag)
    return CompletionRequest(
        body={**body, "metadata": metadata} if metadata else body,
        models=models,
        tag=tag,
        is_reproducible_tag=tag is not None and key is not None,
        project=config["project_id"],
        key=key,
        digest=request_tag(
            {**hashed, "store": bool(body.get("store"))}, (*models, config["project_id"] or ""), own_key or ""
        ),
    )


def answer(session: Session, change: Change, request: CompletionRequest) -> State | None:
    """Request an answer and return the new state; on an error, return None to keep the prior state."""
    paid = change.private.get(PAID)
    is_adopted = is_found = False
    if not paid or paid["digest"] != request.digest:
        change.private.pop(PAID, None)
        creation = Creation(session.api, request, session.claimed, ledger=session.ledger)
        try:
            completion = session.api.run(creation.run())
        except ApiProblem as problem:
            add_error(change.diagnostics, problem, _OLD_ANSWER if change.prior else "")
            return None
        except ArchiveError as error:
            summary = "Over budget" if isinstance(error, BudgetError) else "The archive cannot be used"
            old = f" {_OLD_ANSWER}" if change.prior else ""
            change.diagnostics.add_error(summary, f"{error} No request was sent.{old}")
            return None
        is_adopted = creation.is_adopted
        is_found = not creation.is_requested
        paid = {
            "digest": request.digest,
            "completion": completion,
            "completion_id": creation.completion_id,
            "is_created": change.prior is None,
        }
        _report_search(change.diagnostics, creation)
    # The answer may have been paid for, so from here on keep it in the private data whatever happens.
    change.private[PAID] = paid
    change.kept_private = dict(change.private)
    completion = paid["completion"]
    completion_id = paid.get("completion_id") or text(completion, "id") or unnamed_id()
    new = {**(change.planned or {}), "id": completion_id, "request_tag": request.tag}
    if change.prior is None:
        change.kept = new
    state = {**new, **answer_state(completion)}
    policy = change.config["on_incomplete"] or "warn"
    if (reasons := shortcomings(completion)) and policy == "error":
        return _refuse(session, change, state, reasons, is_found)
    _report_answer(change.diagnostics, completion, reasons if policy == "warn" else [])
    if is_adopted:
        _label_adopted(session.api, change.diagnostics, completion, request)
    del change.private[PAID]
    change.private.pop(DETACHED, None)
    if paid.get(DETACHED):
        change.private[DETACHED] = True
    return state


def _refuse(
    session: Session, change: Change, state: State, reasons: list[str], is_found: bool
) -> State | None:
    """Report an incomplete answer as an error, and remember that it was paid for."""
    paid = change.private[PAID]
    if change.prior is not None:
        if not paid.get(DETACHED) and release(session, change, state, state["on_destroy"]):
            paid[DETACHED] = True
        # The answer is in the private data now, so a forced replacement must not find it in the archive.
        session.mark(change.diagnostics, state["id"], "acknowledged")
        change.diagnostics.add_error("Incomplete answer", "\n".join([*reasons, REFUSED_EDIT]))
        return None
    change.diagnostics.add_error("Incomplete answer", "\n".join([*reasons, REFUSED_CREATION]))
    # An answer from the store will be found there again. With create_before_destroy it belongs to the
    # completion being replaced, which Terraform keeps if no state is returned.
    return None if is_found else state


def _report_search(diagnostics: Diagnostics, creation: Creation) -> None:
    if creation.not_searched is not None:
        add_warning(
            diagnostics, creation.not_searched, "Could not check whether this completion already exists."
        )
    if creation.request.tag is None and creation.request.body.get("store"):
        diagnostics.add_warning(
            "No room for the request tag",
            f"metadata has {MAX_PAIRS} pairs of your own, which leaves no room for the provider's tag, so a "
            "lost answer cannot be recovered from the store. Remove one pair to make room.",
        )
    if creation.not_archived is not None:
        diagnostics.add_warning(
            "Answer not archived", f"{creation.not_archived} The answer is only in the state."
        )


def _report_answer(diagnostics: Diagnostics, completion: Json, reasons: list[str]) -> None:
    if reasons:
        diagnostics.add_warning("Incomplete answer", "\n".join([*reasons, ACCEPTED]))
    if not text(completion, "id"):
        diagnostics.add_warning(
            "Answer without an id",
            "The completion came without an id, so it cannot be looked up. The answer is in the state.",
        )


def _label_adopted(api: Api, diagnostics: Diagnostics, completion: Json, request: CompletionRequest) -> None:
    """Update the metadata of a reused completion to those of the configuration."""
    if completion.get("metadata") == request.body["metadata"]:
        return
    try:
        replace_metadata(api, StoredRef(text(completion, "id"), request.project), request.body["metadata"])
    except ApiProblem as problem:
        add_warning(
            diagnostics, problem, "The existing completion was reused, but its metadata could not be updated."
        )
