"""The compat provider called as Terraform calls it, in this process: corners are cheap to look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tf.gen import tfplugin_pb2 as pb
from tf.utils import read_dynamic_value, to_dynamic_value

from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.compat.provider import CompatProvider
from openai_constructs.provider.core.protocol import Servicer
from openai_constructs.schema import CHAT_COMPLETION

NAME = "openai_chat_completion"
NULL = pb.DynamicValue(msgpack=b"\xc0")


class Direct:
    """The calls of the protocol, with plain values."""

    def __init__(self, client: Client) -> None:
        provider = CompatProvider()
        provider.client = client
        self.servicer = Servicer(provider)

    def plan(self, prior: Mapping[str, Any] | None, config: Mapping[str, Any] | None) -> Any:
        proposed = NULL if config is None else to_dynamic_value(config)
        before = NULL if prior is None else to_dynamic_value(prior)
        request = pb.PlanResourceChange.Request(
            type_name=NAME, prior_state=before, proposed_new_state=proposed, config=proposed
        )
        return self.servicer.PlanResourceChange(request, None)

    def change(self, prior: Mapping[str, Any] | None, config: Mapping[str, Any]) -> tuple[Any, list[str]]:
        """A configuration planned and applied: the state, and what went wrong."""
        planned = self.plan(prior, config)
        if planned.diagnostics:
            return None, told(planned)
        answer = self.apply(prior, planned.planned_state)
        return read_dynamic_value(answer.new_state), told(answer)

    def second_plan(self, state: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """What a plan after an apply would change, by name, and what the refresh before it changes."""
        refreshed, problems = self.read(state)
        assert not problems
        planned = read_dynamic_value(self.plan(refreshed, config).planned_state)
        return {
            name: (refreshed[name], planned[name]) for name in planned if refreshed[name] != planned[name]
        }

    def saved(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """A state as it is after it was saved, and read by another run."""
        request = pb.UpgradeResourceState.Request(type_name=NAME, version=0)
        request.raw_state.json = json.dumps(state).encode()
        answer = self.servicer.UpgradeResourceState(request, None)
        assert not answer.diagnostics
        upgraded: dict[str, Any] = read_dynamic_value(answer.upgraded_state)
        return upgraded

    def check(self, config: Mapping[str, Any], name: str = NAME) -> list[str]:
        """What `terraform validate` says of a resource: summary and detail."""
        request = pb.ValidateResourceConfig.Request(type_name=name, config=to_dynamic_value(config))
        return spelled_out(self.servicer.ValidateResourceConfig(request, None))

    def check_data(self, name: str, **arguments: Any) -> list[str]:
        """The same of a data source."""
        request = pb.ValidateDataResourceConfig.Request(type_name=name, config=to_dynamic_value(arguments))
        return spelled_out(self.servicer.ValidateDataResourceConfig(request, None))

    def apply(self, prior: Mapping[str, Any] | None, planned: pb.DynamicValue) -> Any:
        before = NULL if prior is None else to_dynamic_value(prior)
        request = pb.ApplyResourceChange.Request(type_name=NAME, prior_state=before, planned_state=planned)
        return self.servicer.ApplyResourceChange(request, None)

    def create(self, **arguments: Any) -> tuple[Any, list[str]]:
        """A completion planned and applied: its state, and what went wrong."""
        answer = self.apply(None, self.plan(None, config(**arguments)).planned_state)
        return read_dynamic_value(answer.new_state), told(answer)

    def read(self, state: Mapping[str, Any]) -> tuple[Any, list[str]]:
        request = pb.ReadResource.Request(type_name=NAME, current_state=to_dynamic_value(state))
        answer = self.servicer.ReadResource(request, None)
        return read_dynamic_value(answer.new_state), told(answer)

    def lookup(self, name: str, **arguments: Any) -> tuple[Any, list[str]]:
        request = pb.ReadDataSource.Request(type_name=name, config=to_dynamic_value(arguments))
        answer = self.servicer.ReadDataSource(request, None)
        return read_dynamic_value(answer.state), told(answer)


def told(answer: Any) -> list[str]:
    return [it.summary for it in answer.diagnostics]


def spelled_out(answer: Any) -> list[str]:
    return [": ".join(filter(None, (it.summary, it.detail))) for it in answer.diagnostics]


def replaced(plan: Any) -> list[str]:
    return [it.steps[0].attribute_name for it in plan.requires_replace]


def config(**arguments: Any) -> dict[str, Any]:
    message = {"role": "user", "content": "hi", "name": None, "function_call": []}
    nothing = {**dict.fromkeys(CHAT_COMPLETION.attributes), "functions": [], "choices": []}
    return {**nothing, "model": "gpt-4o", "messages": [message], **arguments}
