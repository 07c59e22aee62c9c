"""The native edition called as Terraform calls it, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tf.gen import tfplugin_pb2 as pb
from tf.utils import read_dynamic_value, to_dynamic_value

from openai_constructs.provider.core.protocol import Servicer
from openai_constructs.provider.native.client import Api, Settings
from openai_constructs.provider.native.provider import NativeProvider
from openai_constructs.provider.native.session import Session
from openai_constructs.schema import NATIVE

NAME = "openai_chat_completion"
NULL = pb.DynamicValue(msgpack=b"\xc0")


class Direct:
    """The calls of the protocol, with plain values; what is told is a list of severity, summary, detail."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.provider = NativeProvider()
        self.provider.session = Session(
            Api(Settings(**{"api_key": "k", "base_url": f"{url}/v1", "max_retries": 0} | settings))
        )
        self.servicer = Servicer(self.provider)

    def plan(self, prior: Mapping[str, Any] | None, config: Mapping[str, Any]) -> Any:
        wire = to_dynamic_value(config)
        before = NULL if prior is None else to_dynamic_value(prior)
        return self.servicer.PlanResourceChange(
            pb.PlanResourceChange.Request(
                type_name=NAME, prior_state=before, proposed_new_state=wire, config=wire
            ),
            None,
        )

    def apply(self, prior: Mapping[str, Any] | None, config: Mapping[str, Any] | None) -> Any:
        planned = NULL if config is None else self.plan(prior, config).planned_state
        answer = self.servicer.ApplyResourceChange(
            pb.ApplyResourceChange.Request(
                type_name=NAME,
                prior_state=NULL if prior is None else to_dynamic_value(prior),
                planned_state=planned,
                config=NULL if config is None else to_dynamic_value(config),
            ),
            None,
        )
        return read_dynamic_value(answer.new_state), told(answer)

    def create(self, **arguments: Any) -> Any:
        return self.apply(None, config(**arguments))

    def read(self, state: Mapping[str, Any]) -> Any:
        request = pb.ReadResource.Request(type_name=NAME, current_state=to_dynamic_value(state))
        answer = self.servicer.ReadResource(request, None)
        return read_dynamic_value(answer.new_state), told(answer)

    def imports(self, completion_id: str) -> Any:
        request = pb.ImportResourceState.Request(type_name=NAME, id=completion_id)
        answer = self.servicer.ImportResourceState(request, None)
        states = [read_dynamic_value(it.state) for it in answer.imported_resources]
        return states[0] if states else None, told(answer)

    def lookup(self, name: str, **arguments: Any) -> Any:
        request = pb.ReadDataSource.Request(type_name=name, config=to_dynamic_value(arguments))
        answer = self.servicer.ReadDataSource(request, None)
        return read_dynamic_value(answer.state), told(answer)


def told(answer: Any) -> list[tuple[str, str, str]]:
    severity = {pb.Diagnostic.ERROR: "error", pb.Diagnostic.WARNING: "warning"}
    return [(severity[it.severity], it.summary, it.detail) for it in answer.diagnostics]


def config(**arguments: Any) -> dict[str, Any]:
    table = NATIVE.chat_completion
    message: dict[str, Any] = dict.fromkeys(table.blocks["messages"].attributes)
    message |= {"role": "user", "content": "hi", "function_call": [], "tool_calls": []}
    nothing = {**dict.fromkeys(table.attributes), **{name: [] for name in table.blocks}}
    return {**nothing, "model": "gpt-4o", "messages": [message], **arguments}
