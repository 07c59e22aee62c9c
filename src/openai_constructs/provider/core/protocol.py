"""Extension of the protocol layer of ``tf``: plan and apply like a provider built on SDKv2.

``tf`` 1.2 compares only attributes, does not let a resource require a replacement, and has no private data.
It also cannot set ``legacy_type_system``, which Terraform expects of SDKv2 providers, because they plan the
default for an argument that is not set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Protocol

from tf.gen import tfplugin_pb2 as pb
from tf.iface import Provider, ReadContext
from tf.provider import ProviderServicer
from tf.utils import Diagnostics, read_dynamic_value, to_dynamic_value

from openai_constructs.provider.core.blocks import State, Unknown, decode, encode
from openai_constructs.provider.core.planning import Change, Plan, Private, Refresh
from openai_constructs.provider.core.unforeseen import guarded, undecorated, unforeseen
from openai_constructs.schema import Block

__all__ = ["EmbeddedProvider", "EmbeddedResource", "Servicer"]

_NULL: Final = pb.DynamicValue(msgpack=b"\xc0")


class EmbeddedResource(Protocol):
    """A resource's operations: plan, apply and refresh.

    Attributes:
        table: The block of the schema table.
    """

    table: ClassVar[Block]

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation (without prior state) or a change."""
        ...

    def apply_change(self, change: Change) -> State | None:
        """Apply the planned change. Return the new state; None if the resource no longer exists."""
        ...

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """Return the refreshed state; None if the resource no longer exists. The context is a `Refresh`."""
        ...


class EmbeddedProvider(Provider, Protocol):
    """Methods that the protocol's calls need from an edition of the embedded provider."""

    def resource(self) -> EmbeddedResource:
        """Return the implementation of ``openai_chat_completion``, the only resource."""
        ...

    def stop(self) -> None:
        """End the requests in progress soon, because Terraform was interrupted."""

    def close(self) -> None:
        """Cancel the requests in progress and close the connections, after the last call."""

    def mask(self, text: str) -> str:
        """Remove the secrets of the configuration from a text."""
        ...


class Servicer(ProviderServicer):
    """The protocol's calls, guarded against unexpected exceptions. Calls without a body here are ``tf``'s."""

    app: EmbeddedProvider

    # The decorator of `tf` prints tracebacks with all they contain.
    ValidateProviderConfig = guarded(undecorated(ProviderServicer.ValidateProviderConfig))
    ValidateResourceConfig = guarded(undecorated(ProviderServicer.ValidateResourceConfig))
    ValidateDataResourceConfig = guarded(undecorated(ProviderServicer.ValidateDataResourceConfig))
    ConfigureProvider = guarded(undecorated(ProviderServicer.ConfigureProvider))
    ImportResourceState = guarded(undecorated(ProviderServicer.ImportResourceState))
    ReadDataSource = guarded(undecorated(ProviderServicer.ReadDataSource))

    @guarded
    def GetProviderSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return all schemas. Deletions are planned too, so that a replacement's private data stays out."""
        schema = undecorated(ProviderServicer.GetProviderSchema)(self, request, context)
        schema.server_capabilities.plan_destroy = True
        return schema

    @guarded
    def UpgradeResourceState(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Read a saved state, including one of the other edition or the public provider.

        Numbers stay decimal, and names that this edition does not have are dropped.
        """
        table = self.app.resource().table
        saved = decode(table, json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(encode(table, saved)))

    @guarded
    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Refresh a resource."""
        resource = self.app.resource()
        table = resource.table
        current = decode(table, read_dynamic_value(request.current_state)) or {}
        refresh = Refresh(Diagnostics(), request.type_name, private=_unpacked(request.private))
        state = resource.read(refresh, current)
        unchanged = request.current_state if state == current else None
        return pb.ReadResource.Response(
            new_state=unchanged or _packed_state(table, state),
            private=_packed(refresh.private, request.private),
            diagnostics=refresh.diagnostics.to_pb(),
        )

    @guarded
    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Plan a change of a resource."""
        resource = self.app.resource()
        table = resource.table
        if read_dynamic_value(request.proposed_new_state) is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        config = decode(table, read_dynamic_value(request.config)) or {}
        prior = decode(table, read_dynamic_value(request.prior_state))
        plan = resource.plan_change(prior, config, _unpacked(request.prior_private))
        diagnostics = Diagnostics()
        for summary, detail in plan.errors:
            diagnostics.add_error(summary, detail)
        for summary, detail in plan.warnings:
            diagnostics.add_warning(summary, detail)
        before = request.prior_private
        return pb.PlanResourceChange.Response(
            planned_state=to_dynamic_value(encode(table, plan.state)),
            planned_private=before if plan.private is None else _packed(plan.private, before),
            requires_replace=[
                pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)]) for name in plan.replaces
            ],
            diagnostics=diagnostics.to_pb(),
            legacy_type_system=True,
        )

    @guarded
    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Apply a planned change. The response has the state to keep even after an unexpected exception."""
        resource = self.app.resource()
        table = resource.table
        change = Change(
            diagnostics=Diagnostics(),
            prior=decode(table, read_dynamic_value(request.prior_state)),
            planned=decode(table, read_dynamic_value(request.planned_state)),
            config=decode(table, read_dynamic_value(request.config)) or {},
            private=_unpacked(request.planned_private),
        )
        bugs = []
        try:
            state = resource.apply_change(change)
            new_state = _packed_state(table, state)
            private = change.private
        except Exception as error:
            bugs = [unforeseen("ApplyResourceChange", request, error, self.app.mask)]
            state = change.kept
            new_state = _packed_state(table, state)
            private = change.private if change.kept_private is None else change.kept_private
        return pb.ApplyResourceChange.Response(
            # Null must be explicit: without a state Terraform keeps the planned one of a failed creation.
            new_state=new_state,
            private=_packed(private, request.planned_private),
            diagnostics=[*change.diagnostics.to_pb(), *bugs],
            # SDKv2 does not set it with a null either; Terraform then reports the missing state.
            legacy_type_system=state is not None,
        )

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        """End soon, because Terraform was interrupted. Calls in progress still return."""
        self.app.stop()
        return pb.StopProvider.Response()


def _packed_state(table: Block, state: Mapping[str, Any] | None) -> pb.DynamicValue:
    """Encode a state for the wire, with null in place of unknowns: an answer did not set them."""
    if state is None:
        return _NULL
    blocks = table.blocks
    settled = {name: ([] if name in blocks else None) if it is Unknown else it for name, it in state.items()}
    return to_dynamic_value(encode(table, settled))


def _unpacked(data: bytes) -> Private:
    """Decode private data. Data of another provider, which is not a JSON object, is ignored."""
    try:
        private = json.loads(data or b"{}")
    except ValueError:
        return {}
    return private if isinstance(private, dict) else {}


def _packed(private: Private, before: bytes) -> bytes:
    """Encode private data; unchanged data gives the same bytes."""
    if private == _unpacked(before):
        return bytes(before)
    return json.dumps(private, sort_keys=True).encode() if private else b""
