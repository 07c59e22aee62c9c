"""All that touches the protocol layer of ``tf``: plan and apply as a provider of SDKv2 does, and serving.

``tf`` 1.2 compares attributes only, lets no resource say what needs a replacement, and has no word for
providers whose plans do not follow the letter of the protocol. Those of the old SDK do not: an argument left
out is planned as its default. Terraform allows that where the answer has ``legacy_type_system`` set.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import tf.provider
import tf.runner
from tf.gen import tfplugin_pb2 as pb
from tf.iface import CreateContext, DeleteContext, UpdateContext
from tf.provider import ProviderServicer
from tf.utils import Diagnostics, read_dynamic_value, to_dynamic_value

from openai_constructs.plugin.blocks import decode, encode
from openai_constructs.plugin.chat_completion import ChatCompletion, settled
from openai_constructs.plugin.provider import CompatProvider

__all__ = ["CompatServicer", "serve"]


class CompatServicer(ProviderServicer):
    """The protocol's calls. Those that are not here are ``tf``'s own."""

    app: CompatProvider

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take a saved state, of the real provider too: its numbers kept decimal, strange names dropped."""
        table = ChatCompletion.table
        saved = decode(table, json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(encode(table, saved)))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Plan what applying would do."""
        table = ChatCompletion.table
        if read_dynamic_value(request.proposed_new_state) is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        config = decode(table, read_dynamic_value(request.config)) or {}
        prior = decode(table, read_dynamic_value(request.prior_state))
        plan = ChatCompletion(self.app).plan_change(prior, config)
        return pb.PlanResourceChange.Response(
            planned_state=to_dynamic_value(encode(table, plan.state)),
            requires_replace=[
                pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)]) for name in plan.replaces
            ],
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Do what was planned."""
        table, name = ChatCompletion.table, request.type_name
        diagnostics = Diagnostics()
        prior = decode(table, read_dynamic_value(request.prior_state))
        planned = decode(table, read_dynamic_value(request.planned_state))
        resource = ChatCompletion(self.app)
        if planned is None:
            resource.delete(DeleteContext(diagnostics, name), prior or {})
            state = None
        elif prior is None:
            state = resource.create(CreateContext(diagnostics, name), planned)
        else:
            state = resource.update(UpdateContext(diagnostics, name), prior, planned)
        wire = None if state is None else encode(table, settled(state))
        return pb.ApplyResourceChange.Response(
            # Null has to be said: to say nothing at all is "as it was", and a failed creation would stay.
            new_state=to_dynamic_value(wire) if wire is not None else pb.DynamicValue(msgpack=b"\xc0"),
            diagnostics=diagnostics.to_pb(),
            # Not with a null: then the old SDK does not set it either, and Terraform says what is missing.
            legacy_type_system=wire is not None,
        )


def serve(provider: CompatProvider) -> None:
    """Serve Terraform until it says goodbye."""
    # The runner of `tf` has no seams for these two: it looks them up by name, here.
    tf.provider.ProviderServicer = CompatServicer  # type: ignore[misc]
    tf.runner._self_signed_cert = _certificate
    tf.runner.run_provider(provider)


def _certificate() -> tuple[bytes, Any]:
    """A certificate for this process alone.

    That of ``tf`` is kept with its key in the user's home, which may not be writable and is not ours; an
    elliptic key is made in a millisecond.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.DER), grpc.ssl_server_credentials([(secret, pem)])
