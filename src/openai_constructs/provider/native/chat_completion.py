"""``resource "openai_chat_completion"``, native edition.

An edit updates the resource in place and keeps the old answer until the new one has arrived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from tf.iface import ImportContext, ReadContext
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import State, Unknown, decode
from openai_constructs.provider.core.planning import Change, Plan, Private, Refresh, is_same
from openai_constructs.provider.core.table_types import TableResource
from openai_constructs.provider.native.answering import answer, request_of
from openai_constructs.provider.native.checks import check_request
from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.creation import CompletionRequest
from openai_constructs.provider.native.diagnostics import add_error, add_warning
from openai_constructs.provider.native.importing import imported_state
from openai_constructs.provider.native.incomplete import DETACHED, PAID, paid_warning
from openai_constructs.provider.native.planning import is_known, plan_change
from openai_constructs.provider.native.problems import ApiProblem
from openai_constructs.provider.native.session import Session
from openai_constructs.provider.native.stored import (
    LEFTOVERS,
    is_in_store,
    leftovers_warning,
    ref_of,
    release,
    release_leftovers,
    replace_metadata,
)
from openai_constructs.provider.native.tags import MAX_PAIRS, labelled, unlabelled
from openai_constructs.schema import NATIVE, Block

__all__ = ["ChatCompletion"]

_KEPT: Final = "The answer stays in the state; only the stored completion is gone."
_COMPLETION_ID: Final = re.compile(r"[^\s/?#]+")


class ChatCompletion(TableResource):
    """One completion."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = NATIVE.chat_completion

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _api(self) -> Api:
        return self._session.api

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        """Check a configuration."""
        check_request(diags, self.table, decode(self.table, config) or {})

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation or a change, and warn of models that will be shut down."""
        plan = self._plan_change(prior, config, private)
        models = (config["model"], *_known_list(config["fallback_models"]))
        warnings = self._session.shutdowns.warnings(self._api, models)
        return replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan

    def _plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        plan = plan_change(self.table, prior, config)
        if prior is None:
            return Plan(plan.state, private=self._refused_before(config))
        # An answer in the state must not be adopted again, even if the run skips the refresh.
        self._session.mark(None, prior["id"], "acknowledged")
        paid = private.get(PAID)
        if paid and paid["is_created"]:
            # Terraform plans a creation for a tainted resource. A change means that somebody untainted it.
            self._session.refused.remove(paid)
            return Plan(plan.state, private={name: it for name, it in private.items() if name != PAID})
        is_sent = plan.state["id"] is Unknown
        if is_sent and paid and paid["digest"] == self._digest(config):
            return Plan(plan.state, private=private, warnings=paid_warning(paid, config))
        if private.get(LEFTOVERS) and not is_sent:
            # Terraform applies only changes, so plan one: an unknown tag, which the apply leaves as it is.
            return Plan(
                {**plan.state, "request_tag": Unknown}, private=private, warnings=leftovers_warning(private)
            )
        return Plan(plan.state, private=private)

    def _refused_before(self, config: State) -> Private:
        """Return the private data of a creation whose answer was rejected in an earlier run."""
        if self._session.refused.is_empty or (digest := self._digest(config)) is None:
            return {}
        paid = self._session.refused.take(digest)
        return {PAID: paid} if paid else {}

    def _digest(self, config: State) -> str | None:
        """Return the digest of the request; ``None`` if a part is known only after apply."""
        return self._request(config, None).digest if is_known(config) else None

    def _request(self, config: State, prior: State | None) -> CompletionRequest:
        return request_of(self.table, config, prior, takes_store=self._api.takes_store)

    def apply_change(self, change: Change) -> State | None:
        """Create, change or delete the completion, as planned."""
        if change.planned is None:
            return self._delete(change)
        # Plan again: values known only after apply are known now, and may turn out to be unchanged.
        change.planned = plan_change(self.table, change.prior, change.config).state
        if change.prior is None:
            return self._create(change)
        if change.planned["id"] is Unknown:
            return self._request_again(change, change.prior)
        return self._update_metadata(change, change.prior, change.planned)

    def _create(self, change: Change) -> State | None:
        if change.config["imported"]:
            change.diagnostics.add_error(
                "Nothing was imported",
                "imported = true is for a completion that `terraform import` brought into the state, and the "
                "state has none. Import it, or remove the argument.",
            )
            return None
        return answer(self._session, change, self._request(change.config, None))

    def _request_again(self, change: Change, prior: State) -> State:
        """Send the edited request, and release the old completion once the new one has arrived."""
        was_detached = change.private.get(DETACHED, False)
        self._session.claimed.claim(prior["id"])  # it does not answer the edited request
        state = answer(self._session, change, self._request(change.config, prior))
        if state is None:
            return prior
        release_leftovers(self._session, change, state)
        if state["id"] != prior["id"]:
            self._session.mark(change.diagnostics, prior["id"], "replaced")
            if not was_detached:
                release(self._session, change, prior, change.config["on_destroy"])
        return state

    def _update_metadata(self, change: Change, prior: State, planned: State) -> State:
        """Update the metadata in the store. All other settings are in the state only."""
        release_leftovers(self._session, change, prior)
        if not is_in_store(prior, change.private) or is_same(prior["metadata"], planned["metadata"]):
            return planned
        tag = planned["request_tag"]
        if prior["request_tag"] and not tag:
            change.diagnostics.add_warning(
                "No room for the request tag",
                f"metadata now has {MAX_PAIRS} pairs of your own, so the completion loses its tag. "
                "Remove one pair to make room.",
            )
        try:
            replace_metadata(self._api, ref_of(prior), labelled(planned["metadata"], tag))
        except ApiProblem as problem:
            if not problem.is_gone:
                add_error(change.diagnostics, problem)
                return prior
            add_warning(change.diagnostics, problem, _KEPT)
        return planned

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """Refresh a stored completion: whether it still exists, and its metadata."""
        self._session.mark(ctx.diagnostics, current["id"], "acknowledged")
        private = ctx.private if isinstance(ctx, Refresh) else {}
        paid = private.get(PAID)
        if paid and paid["is_created"]:
            self._session.refused.put(paid)
        if not is_in_store(current, private):
            return current
        ref = ref_of(current)
        try:
            completion = self._api.run(self._api.send("GET", ref.path, headers=ref.headers))
        except ApiProblem as problem:
            if problem.is_gone and current["on_missing"] == "recreate":
                add_warning(
                    ctx.diagnostics, problem, 'It will be recreated, because on_missing = "recreate".'
                )
                return None
            if problem.kind == "unknown":
                add_warning(ctx.diagnostics, problem, "The completion was not refreshed.")
            elif problem.is_gone or problem.is_no_store:
                add_warning(ctx.diagnostics, problem, _KEPT)
            else:
                add_error(ctx.diagnostics, problem)
            return current
        metadata = completion.get("metadata")
        if not isinstance(metadata, dict):
            return current
        own, _ = unlabelled(metadata)
        return current if is_same(current["metadata"], own) else {**current, "metadata": own}

    def _delete(self, change: Change) -> State | None:
        """Delete the completion from the store, unless on_destroy keeps it. An error leaves the state."""
        current = change.prior or {}
        paid = change.private.get(PAID)
        if paid and paid["is_created"]:
            # The replacement may have the same request. If so, it takes this answer.
            self._session.refused.put(paid)
            return None
        # The replacement must not adopt the completion that this deletes. If it is created first and has
        # already adopted it, keep it.
        if current["store"] and not self._session.claimed.claim(current["id"]):
            change.diagnostics.add_warning(
                "Existing completion reused",
                "The replacement has the same request and the same idempotency_key, so it took over the "
                "completion. Change idempotency_key to request a new one.",
            )
            return None
        if not is_in_store(current, {}) or current["on_destroy"] == "keep":
            self._session.mark(change.diagnostics, current["id"], "destroyed")
            return None
        ref = ref_of(current)
        try:
            self._api.run(self._api.send("DELETE", ref.path, headers=ref.headers))
        except ApiProblem as problem:
            if problem.is_no_store:
                add_warning(change.diagnostics, problem, "It was removed only from the state.")
            elif not problem.is_gone:
                add_error(change.diagnostics, problem)
                return current
        self._session.mark(change.diagnostics, current["id"], "destroyed")
        return None

    def import_(self, ctx: ImportContext, id: str) -> State | None:
        """Import a stored completion into the state, with the parts of its request that the store returns."""
        if not _COMPLETION_ID.fullmatch(id):
            ctx.diagnostics.add_error(
                "Not the id of a completion",
                f"{id!r}: must be the id of a stored completion, such as chatcmpl-abc123.",
            )
            return None
        try:
            return self._api.run(imported_state(self._api, self.table, id))
        except ApiProblem as problem:
            add_error(ctx.diagnostics, problem)
            return None


def _known_list(value: Any) -> list[Any]:
    """Return a list; an empty one if the value is null or not known yet."""
    return value if isinstance(value, list) else []
