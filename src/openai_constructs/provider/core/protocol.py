"""All that touches the protocol layer of ``tf``: plan and apply as a provider of SDKv2 does.

``tf`` 1.2 compares attributes only, lets no resource say what needs a replacement, keeps no private data, and
has no word for providers whose plans do not follow the letter of the protocol. Those of the old SDK do not:
an argument that is not set is planned as its default. Terraform allows that where the answer has
``legacy_type_system`` set.
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
        table: Its block.
    """

    table: ClassVar[Block]

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation, where there is no prior state, or a change."""
        ...

    def apply_change(self, change: Change) -> State | None:
        """Do what was planned; the new state, None where there is nothing."""
        ...

    def read(self, ctx: ReadContext, current: State) -> State | None:
        """The state as it is now, None where there is nothing any more; the context is a `Refresh`."""
        ...


class EmbeddedProvider(Provider, Protocol):
    """An edition of the embedded provider, as the protocol's calls need it."""

    def resource(self) -> EmbeddedResource:
        """Return the implementation of ``openai_chat_completion``, the only resource."""
        ...

    def stop(self) -> None:
        """End what is in progress soon: Terraform was interrupted."""

    def close(self) -> None:
        """End what is in progress, and close connections: nobody calls any more."""

    def mask(self, text: str) -> str:
        """Text to print, without the secrets of the configuration."""
        ...


class Servicer(ProviderServicer):
    """The protocol's calls, with a net under each. Those that have no body here are ``tf``'s own."""

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
        """Every block. A destruction is planned here, too: it must not hand over what a replacement does."""
        schema = undecorated(ProviderServicer.GetProviderSchema)(self, request, context)
        schema.server_capabilities.plan_destroy = True
        return schema

    @guarded
    def UpgradeResourceState(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take a saved state, of another edition or the real provider too.

        Its numbers are kept decimal, names this edition does not know are dropped.
        """
        table = self.app.resource().table
        saved = decode(table, json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(encode(table, saved)))

    @guarded
    def ReadResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Look how things are now."""
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
        """Plan what applying would do."""
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
        """Do what was planned. Whatever happens, the answer has what must not be lost."""
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
            # Null has to be said: to say nothing at all is "as it was", and a failed creation would stay.
            new_state=new_state,
            private=_packed(private, request.planned_private),
            diagnostics=[*change.diagnostics.to_pb(), *bugs],
            # Not with a null: then the old SDK does not set it either, and Terraform says what is missing.
            legacy_type_system=state is not None,
        )

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Terraform was interrupted: end soon. The answers of calls in progress are still waited for."""
        self.app.stop()
        return pb.StopProvider.Response()


def _packed_state(table: Block, state: Mapping[str, Any] | None) -> pb.DynamicValue:
    """A state on the wire, without unknowns: what was not answered is nothing."""
    if state is None:
        return _NULL
    blocks = table.blocks
    settled = {name: ([] if name in blocks else None) if it is Unknown else it for name, it in state.items()}
    return to_dynamic_value(encode(table, settled))


def _unpacked(data: bytes) -> Private:
    """Private data; that of other providers, which is no JSON object, is nothing to us."""
    try:
        private = json.loads(data or b"{}")
    except ValueError:
        return {}
    return private if isinstance(private, dict) else {}


def _packed(private: Private, before: bytes) -> bytes:
    """Private data as bytes, the same ones where nothing has changed."""
    if private == _unpacked(before):
        return bytes(before)
    return json.dumps(private, sort_keys=True).encode() if private else b""
