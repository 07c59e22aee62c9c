"""``resource "openai_chat_completion"``, native edition: made once, labelled in place, deleted in the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import uuid4

from tf.iface import CreateContext, DeleteContext, ImportContext, ReadContext, Resource, UpdateContext
from tf.schema import Schema
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import State, decode, terraform_schema
from openai_constructs.provider.core.planning import Change, Plan, is_same
from openai_constructs.provider.native.answers import answer_state, text
from openai_constructs.provider.native.checks import check_request
from openai_constructs.provider.native.client import Api, Json
from openai_constructs.provider.native.creation import Creation, Wanted, path_of
from openai_constructs.provider.native.diagnostics import add_error, add_warning
from openai_constructs.provider.native.importing import imported_state
from openai_constructs.provider.native.planning import plan_change
from openai_constructs.provider.native.problems import ApiProblem
from openai_constructs.provider.native.request import hashed_body, request_body
from openai_constructs.provider.native.session import Session
from openai_constructs.provider.native.tags import MOST_PAIRS, labelled, request_tag, unlabelled
from openai_constructs.schema import NATIVE, Block

__all__ = ["ChatCompletion"]

_KEPT: Final = "The answer stays in the state; only the stored completion is gone."
_FORGOTTEN: Final = "It is asked anew, as on_missing says."


class ChatCompletion(Resource):
    """One completion."""

    table: ClassVar[Block] = NATIVE.chat_completion

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _api(self) -> Api:
        return self._session.api

    @classmethod
    def get_name(cls) -> str:
        """Its name without the provider's prefix."""
        return "chat_completion"

    @classmethod
    def get_schema(cls) -> Schema:
        """Its schema."""
        return terraform_schema(cls.table)

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        """Check a configuration."""
        check_request(diags, self.table, decode(self.table, config) or {})

    def plan_change(self, prior: State | None, config: State) -> Plan:
        """Plan a creation or a change."""
        return plan_change(self.table, prior, config)

    def apply_change(self, change: Change) -> State | None:
        """Create, change or delete it, as was planned."""
        if change.planned is None:
            return self._delete(change.diagnostics, change.prior or {})
        if change.prior is None:
            return self._create(change, change.planned)
        return self._update(change.diagnostics, change.prior, change.planned)

    def _create(self, change: Change, planned: State) -> State | None:
        config, told = change.config, change.diagnostics
        if config["imported"]:
            told.add_error(
                "Nothing was imported",
                "imported = true is for a completion that `terraform import` brought into the state, and "
                "there is none. Import it, or take the argument out.",
            )
            return None
        wanted = _wanted(self.table, config)
        creation = Creation(self._api, wanted, self._session.claimed)
        try:
            completion = self._api.run(creation.made())
        except ApiProblem as problem:
            add_error(told, problem)
            return None
        # It is answered, and perhaps paid for: nothing from here on may lose it.
        if creation.not_searched is not None:
            add_warning(told, creation.not_searched, "Whether it was made before could not be looked up.")
        tag = wanted.tag if wanted.body["store"] else None
        if tag is None and wanted.body["store"]:
            told.add_warning(
                "No room for the request tag",
                f"metadata has {MOST_PAIRS} pairs of the user's, so the completion cannot be found again "
                "if its answer is lost. Take one pair out to have it protected.",
            )
        if creation.is_adopted:
            self._label_adopted(told, completion, wanted)
        return {**planned, **answer_state(completion), "id": _id(told, completion), "request_tag": tag}

    def _label_adopted(self, told: Diagnostics, completion: Json, wanted: Wanted) -> None:
        """Give a completion that was found the metadata of the configuration."""
        if completion.get("metadata") == wanted.body["metadata"]:
            return
        try:
            self._api.run(_labelling(self._api, text(completion, "id"), wanted.body["metadata"]))
        except ApiProblem as problem:
            add_warning(told, problem, "The completion was found, and has other metadata than it should.")

    def _update(self, told: Diagnostics, prior: State, planned: State) -> State:
        """Change what can be changed: the labels in the store. All else is of the state alone."""
        if not prior["store"] or is_same(prior["metadata"], planned["metadata"]):
            return planned
        metadata = labelled(planned["metadata"], prior["request_tag"])
        try:
            self._api.run(_labelling(self._api, prior["id"], metadata))
        except ApiProblem as problem:
            if not problem.is_gone:
                add_error(told, problem)
                return prior
            add_warning(told, problem, _KEPT)
        return planned

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """Look whether the store still has it, and with which labels. What is not stored cannot change."""
        if not current["store"]:
            return current
        try:
            found = self._api.run(self._api.send("GET", path_of(current["id"]), headers=_headers(current)))
        except ApiProblem as problem:
            if problem.is_gone and current["on_missing"] == "recreate":
                add_warning(ctx.diagnostics, problem, _FORGOTTEN)
                return None
            if problem.kind == "unknown":
                add_warning(ctx.diagnostics, problem, "The completion was not refreshed.")
            elif problem.is_gone or problem.is_no_store:
                add_warning(ctx.diagnostics, problem, _KEPT)
            else:
                add_error(ctx.diagnostics, problem)
            return current
        metadata = found.get("metadata")
        if not isinstance(metadata, dict):
            return current
        own, _ = unlabelled(metadata)
        return current if is_same(current["metadata"], own) else {**current, "metadata": own}

    def _delete(self, told: Diagnostics, current: State) -> State | None:
        """Delete it from the store, if it is there and is to go. An error leaves it in the state."""
        # What is replaced must not be found again by what replaces it. Where that comes first and has found
        # it, it is no longer ours to delete.
        if current["store"] and not self._session.claimed.claim(current["id"]):
            told.add_warning(
                "Found again instead of asked anew",
                "What replaces the completion has the same request and the same idempotency_key, so it took "
                "its place. Change idempotency_key to have it asked anew.",
            )
            return None
        if not current["store"] or current["on_destroy"] == "keep":
            return None
        try:
            self._api.run(self._api.send("DELETE", path_of(current["id"]), headers=_headers(current)))
        except ApiProblem as problem:
            if problem.is_no_store:
                add_warning(told, problem, "It was taken out of the state only.")
            elif not problem.is_gone:
                add_error(told, problem)
                return current
        return None

    def import_(self, ctx: ImportContext, id: str) -> State | None:
        """Take a stored completion into the state, with what the store tells of its request."""
        try:
            return self._api.run(imported_state(self._api, self.table, id))
        except ApiProblem as problem:
            add_error(ctx.diagnostics, problem)
            return None

    # The protocol's calls come in through apply_change; `tf` still wants these to be there.
    def create(self, ctx: CreateContext, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def update(self, ctx: UpdateContext, current: State, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def delete(self, ctx: DeleteContext, current: State) -> None:
        """Not called."""
        raise NotImplementedError


def _wanted(block: Block, config: State) -> Wanted:
    body = request_body(block, config)
    models = (config["model"], *(config["fallback_models"] or ()))
    tag = None
    if body["store"] and len(config["metadata"] or {}) < MOST_PAIRS:
        tag = request_tag(hashed_body(block, body), models, config["idempotency_key"])
    metadata = labelled(config["metadata"], tag)
    return Wanted(
        body={**body, "metadata": metadata} if metadata else body,
        models=models,
        tag=tag,
        lasts=tag is not None and config["idempotency_key"] is not None,
        project=config["project_id"],
    )


async def _labelling(api: Api, completion_id: str, metadata: Mapping[str, str]) -> Json:
    return await api.send("POST", path_of(completion_id), {"metadata": dict(metadata)})


def _headers(state: State) -> dict[str, str]:
    return {"OpenAI-Project": state["project_id"]} if state["project_id"] else {}


def _id(told: Diagnostics, completion: Json) -> str:
    if found := text(completion, "id"):
        return found
    told.add_warning(
        "An answer without an id",
        "What answered gave the completion no id, so it cannot be looked up. The answer is in the state.",
    )
    return f"unnamed-{uuid4().hex}"
