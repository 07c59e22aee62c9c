"""All that touches the protocol layer of ``tf``: plan and apply as a provider of SDKv2 does.

``tf`` 1.2 compares attributes only, lets no resource say what needs a replacement, and has no word for
providers whose plans do not follow the letter of the protocol. Those of the old SDK do not: an argument left
out is planned as its default. Terraform allows that where the answer has ``legacy_type_system`` set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from tf.gen import tfplugin_pb2 as pb
from tf.iface import Provider
from tf.provider import ProviderServicer
from tf.utils import Diagnostics, read_dynamic_value, to_dynamic_value

from openai_constructs.provider.core.blocks import State, Unknown, decode, encode
from openai_constructs.provider.core.planning import Change, Plan
from openai_constructs.schema import Block

__all__ = ["EmbeddedProvider", "EmbeddedResource", "Servicer"]


class EmbeddedResource(Protocol):
    """What plans and applies the changes of a resource.

    Attributes:
        table: Its block.
    """

    table: ClassVar[Block]

    def plan_change(self, prior: State | None, config: State) -> Plan:
        """Plan a creation, where there is no prior state, or a change."""
        ...

    def apply_change(self, change: Change) -> State | None:
        """Do what was planned; the new state, None where there is nothing."""
        ...


class EmbeddedProvider(Provider, Protocol):
    """An edition of the embedded provider, as the protocol's calls need it."""

    def resource(self) -> EmbeddedResource:
        """What plans and applies ``openai_chat_completion``, the only resource there is."""
        ...

    def stop(self) -> None:
        """End what is in progress soon: Terraform was interrupted."""

    def close(self) -> None:
        """End what is in progress, and close connections: nobody calls any more."""


class Servicer(ProviderServicer):
    """The protocol's calls. Those that are not here are ``tf``'s own."""

    app: EmbeddedProvider

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take a saved state, of another edition or the real provider too.

        Its numbers are kept decimal, names this edition does not know are dropped.
        """
        table = self.app.resource().table
        saved = decode(table, json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(encode(table, saved)))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Plan what applying would do."""
        resource = self.app.resource()
        table = resource.table
        if read_dynamic_value(request.proposed_new_state) is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        config = decode(table, read_dynamic_value(request.config)) or {}
        prior = decode(table, read_dynamic_value(request.prior_state))
        plan = resource.plan_change(prior, config)
        diagnostics = Diagnostics()
        for summary, detail in plan.errors:
            diagnostics.add_error(summary, detail)
        return pb.PlanResourceChange.Response(
            planned_state=to_dynamic_value(encode(table, plan.state)),
            requires_replace=[
                pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)]) for name in plan.replaces
            ],
            diagnostics=diagnostics.to_pb(),
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Do what was planned."""
        resource = self.app.resource()
        table = resource.table
        diagnostics = Diagnostics()
        state = resource.apply_change(
            Change(
                diagnostics=diagnostics,
                prior=decode(table, read_dynamic_value(request.prior_state)),
                planned=decode(table, read_dynamic_value(request.planned_state)),
                config=decode(table, read_dynamic_value(request.config)) or {},
            )
        )
        wire = None if state is None else encode(table, _settled(table, state))
        return pb.ApplyResourceChange.Response(
            # Null has to be said: to say nothing at all is "as it was", and a failed creation would stay.
            new_state=to_dynamic_value(wire) if wire is not None else pb.DynamicValue(msgpack=b"\xc0"),
            diagnostics=diagnostics.to_pb(),
            # Not with a null: then the old SDK does not set it either, and Terraform says what is missing.
            legacy_type_system=wire is not None,
        )

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Terraform was interrupted: end soon. The answers of calls in progress are still waited for."""
        self.app.stop()
        return pb.StopProvider.Response()


def _settled(table: Block, state: Mapping[str, Any]) -> State:
    """A state without unknowns: what was not answered is nothing."""
    blocks = table.blocks
    return {name: ([] if name in blocks else None) if it is Unknown else it for name, it in state.items()}
