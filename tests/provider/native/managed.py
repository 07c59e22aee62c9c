"""What Terraform does with one resource and its private data: refresh, plan, apply and taint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.provider.native.native_direct import NAME, NULL, Direct, config, told
from tf.gen import tfplugin_pb2 as pb
from tf.types import Unknown
from tf.utils import read_dynamic_value, to_dynamic_value

from openai_constructs.provider.native.session import Session


@dataclass
class Managed:
    """A resource in a state.

    Attributes:
        at: The provider.
        state: Its state; None where there is none.
        private: What is kept beside it.
        is_tainted: Its creation failed.
    """

    at: Direct
    state: dict[str, Any] | None = None
    private: bytes = b""
    is_tainted: bool = False
    told: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def content(self) -> str:
        assert self.state is not None
        return str(self.state["choices"][0]["message"][0]["content"])

    @property
    def errors(self) -> list[str]:
        return [detail for severity, _, detail in self.told if severity == "error"]

    @property
    def warnings(self) -> list[str]:
        return [detail for severity, _, detail in self.told if severity == "warning"]

    def restart(self) -> None:
        """Each phase has a provider of its own, as in Terraform."""
        session = self.at.provider.session
        self.at.provider.session = Session(session.api, ledger=session.ledger)

    def plan(self, **arguments: Any) -> Any:
        """Refresh and plan; the planned state."""
        self.told = []
        self.restart()
        self._refresh()
        return read_dynamic_value(self._plan(config(**arguments)).planned_state)

    def apply(self, *, replace: bool = False, alone: bool = True, **arguments: Any) -> Managed:
        """Refresh, plan and apply; in one session with others, if not alone."""
        self.told = []
        if alone:
            self.restart()
        self._refresh()
        wanted = config(**arguments)
        plan = self._plan(wanted)
        if self.state is not None and (replace or self.is_tainted):
            if not self.is_tainted:  # a replacement on demand is planned twice: as it is, and as a creation
                plan = self._plan(wanted, prior=None)
            if alone:
                self.restart()
            self._change(None, plan.planned_private, {})
            assert self.state is None, self.told
        elif alone:
            self.restart()
        plan = self._plan(wanted)
        if self.state is None or read_dynamic_value(plan.planned_state) != self.state:
            self._change(plan.planned_state, plan.planned_private, wanted)
        return self

    def destroy(self) -> Managed:
        self.told = []
        self.restart()
        self._refresh()
        request = pb.PlanResourceChange.Request(
            type_name=NAME,
            prior_state=self._wire(self.state),
            proposed_new_state=NULL,
            prior_private=self.private,
        )
        plan = self.at.servicer.PlanResourceChange(request, None)
        self._change(None, plan.planned_private, {})
        return self

    def is_planned_empty(self, **arguments: Any) -> bool:
        return bool(self.plan(**arguments) == self.state)

    def asks(self, **arguments: Any) -> bool:
        """Whether the plan sends a request for a new answer."""
        planned = self.plan(**arguments)
        unknown = {name for name, value in planned.items() if value is Unknown}
        assert unknown in (set(), {"request_tag"}, ANSWER)
        return unknown == ANSWER

    def _refresh(self) -> None:
        if self.state is None:
            return
        request = pb.ReadResource.Request(
            type_name=NAME, current_state=self._wire(self.state), private=self.private
        )
        answer = self.at.servicer.ReadResource(request, None)
        self.told += told(answer)
        self.state, self.private = read_dynamic_value(answer.new_state), answer.private

    def _plan(self, wanted: Any, prior: Any = ...) -> Any:
        before = None if self.is_tainted else self.state
        before = before if prior is ... else prior
        request = pb.PlanResourceChange.Request(
            type_name=NAME,
            prior_state=self._wire(before),
            proposed_new_state=to_dynamic_value(wanted),
            config=to_dynamic_value(wanted),
            prior_private=b"" if before is None else self.private,
        )
        plan = self.at.servicer.PlanResourceChange(request, None)
        self.told += told(plan)
        assert not plan.requires_replace
        return plan

    def _change(self, planned: Any, private: bytes, wanted: Any) -> None:
        is_deletion = planned is None
        request = pb.ApplyResourceChange.Request(
            type_name=NAME,
            prior_state=self._wire(self.state),
            planned_state=NULL if is_deletion else planned,
            config=NULL if is_deletion else to_dynamic_value(wanted),
            planned_private=private,
        )
        answer = self.at.servicer.ApplyResourceChange(request, None)
        said = told(answer)
        self.told += said
        was_there = self.state is not None
        self.state, self.private = read_dynamic_value(answer.new_state), answer.private
        if not is_deletion and not was_there:
            self.is_tainted = self.state is not None and any(it[0] == "error" for it in said)
        if is_deletion and self.state is None:
            self.is_tainted = False

    def _wire(self, state: Any) -> Any:
        return NULL if state is None else to_dynamic_value(state)


ANSWER = {
    "id",
    "chat_completion_id",
    "created",
    "object",
    "model_used",
    "service_tier_used",
    "usage",
    "choices",
    "request_tag",
}


def user(content: str) -> list[dict[str, Any]]:
    """The messages of one prompt."""
    return [{**config()["messages"][0], "content": content}]


def ids(managed: Managed) -> list[str]:
    """The ids in the state."""
    assert managed.state is not None
    return [managed.state["id"]]
