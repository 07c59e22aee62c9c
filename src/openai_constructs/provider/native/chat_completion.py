"""``resource "openai_chat_completion"``, native edition.

An edit is an update in place that keeps the old answer until the new one is there.
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
    label,
    leftovers_warning,
    let_go,
    let_go_of_leftovers,
    ref_of,
)
from openai_constructs.provider.native.tags import MOST_PAIRS, labelled, unlabelled
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
        models = (config["model"], *_listed(config["fallback_models"]))
        warnings = self._session.shutdowns.warnings(self._api, models)
        return replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan

    def _plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        plan = plan_change(self.table, prior, config)
        if prior is None:
            return Plan(plan.state, private=self._refused_before(config))
        # A state that has an answer keeps it from being adopted once more, without a refresh, too.
        self._session.mark(None, prior["id"], "acknowledged")
        paid = private.get(PAID)
        if paid and paid["is_created"]:
            # What was refused is planned as a creation. That it is not means that somebody untainted it.
            self._session.refused.remove(paid)
            return Plan(plan.state, private={name: it for name, it in private.items() if name != PAID})
        is_asked = plan.state["id"] is Unknown
        if is_asked and paid and paid["digest"] == self._digest(config):
            return Plan(plan.state, private=private, warnings=paid_warning(paid, config))
        if private.get(LEFTOVERS) and not is_asked:
            # The tag stays as it is. But without a change there is no apply, and so no other try.
            return Plan(
                {**plan.state, "request_tag": Unknown}, private=private, warnings=leftovers_warning(private)
            )
        return Plan(plan.state, private=private)

    def _refused_before(self, config: State) -> Private:
        """The private data of a creation whose answer was refused in an earlier run."""
        if self._session.refused.is_empty or (digest := self._digest(config)) is None:
            return {}
        paid = self._session.refused.take(digest)
        return {PAID: paid} if paid else {}

    def _digest(self, config: State) -> str | None:
        """The digest of a request, where all of it is known."""
        return self._request(config, None).digest if is_known(config) else None

    def _request(self, config: State, prior: State | None) -> CompletionRequest:
        return request_of(self.table, config, prior, takes_store=self._api.takes_store)

    def apply_change(self, change: Change) -> State | None:
        """Create, change or delete it, as was planned."""
        if change.planned is None:
            return self._delete(change)
        # Planned once more: what was known only after apply is known now, and may be what it was before.
        change.planned = plan_change(self.table, change.prior, change.config).state
        if change.prior is None:
            return self._create(change)
        if change.planned["id"] is Unknown:
            return self._ask_again(change, change.prior)
        return self._relabel(change, change.prior, change.planned)

    def _create(self, change: Change) -> State | None:
        if change.config["imported"]:
            change.diagnostics.add_error(
                "Nothing was imported",
                "imported = true is for a completion that `terraform import` brought into the state, and "
                "there is none. Import it, or remove the argument.",
            )
            return None
        return answer(self._session, change, self._request(change.config, None))

    def _ask_again(self, change: Change, prior: State) -> State:
        """Send the edited request, and let go of the old completion once the new one is there."""
        was_detached = change.private.get(DETACHED, False)
        self._session.claimed.claim(prior["id"])  # it is no answer to the edited request
        state = answer(self._session, change, self._request(change.config, prior))
        if state is None:
            return prior
        let_go_of_leftovers(self._session, change, state)
        if state["id"] != prior["id"]:
            self._session.mark(change.diagnostics, prior["id"], "replaced")
            if not was_detached:
                let_go(self._session, change, prior, change.config["on_destroy"])
        return state

    def _relabel(self, change: Change, prior: State, planned: State) -> State:
        """Change what can be changed: the labels in the store. All else is in the state alone."""
        let_go_of_leftovers(self._session, change, prior)
        if not is_in_store(prior, change.private) or is_same(prior["metadata"], planned["metadata"]):
            return planned
        tag = planned["request_tag"]
        if prior["request_tag"] and not tag:
            change.diagnostics.add_warning(
                "No room for the request tag",
                f"metadata now has {MOST_PAIRS} pairs of your own, so the completion loses its tag. "
                "Remove one pair to make room.",
            )
        try:
            label(self._api, ref_of(prior), labelled(planned["metadata"], tag))
        except ApiProblem as problem:
            if not problem.is_gone:
                add_error(change.diagnostics, problem)
                return prior
            add_warning(change.diagnostics, problem, _KEPT)
        return planned

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """Look whether the store still has it, and with which labels. What is not stored cannot change."""
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
        """Delete it from the store, if it is there and is to go. An error leaves it in the state."""
        current = change.prior or {}
        paid = change.private.get(PAID)
        if paid and paid["is_created"]:
            # A refused creation whose request is the same: the creation that follows decides about it.
            self._session.refused.put(paid)
            return None
        # What is replaced must not be found again by what replaces it. Where that comes first and has found
        # it, it is no longer ours to delete.
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


def _listed(value: Any) -> list[Any]:
    """A list; an empty one where there is none, or it is not known yet."""
    return value if isinstance(value, list) else []
