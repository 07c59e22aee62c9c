"""Serving Terraform: the handshake, the certificate, and a server that ends when Terraform says goodbye.

What the runner of ``tf`` lacks: it drops calls in progress when Terraform asks it to stop (a completion that
was just answered with them), dies of a Ctrl-C that was meant for Terraform, and has as many threads as
Terraform makes changes at a time, so that nobody hears the request to stop.
"""

from __future__ import annotations

import base64
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import grpc
from tf.gen import grpc_controller_pb2 as controller_pb
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2_grpc as rpc

from openai_constructs.provider.core.protocol import EmbeddedProvider, Servicer
from openai_constructs.provider.core.sockets import SOCKET_NAME, socket_folder

__all__ = ["Controller", "make_server", "serve"]

_THREADS: Final = 256
_SIZES: Final = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_POLL_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 1.0


class Controller(controller_rpc.GRPCControllerServicer):
    """Terraform's goodbye.

    Attributes:
        ended: Set when Terraform said goodbye.
    """

    def __init__(self) -> None:
        self.ended = threading.Event()

    def Shutdown(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Note that Terraform needs the provider no longer."""
        self.ended.set()
        return controller_pb.Empty()


class _Stdio(stdio_rpc.GRPCStdioServicer):
    def StreamStdio(self, request: Any, context: Any) -> Any:  # noqa: N802
        return iter(())  # what is printed goes to Terraform's log by itself


def make_server(servicer: Servicer, controller: Controller) -> grpc.Server:
    """Create a server of all services that Terraform calls, which listens nowhere yet."""
    server: grpc.Server = grpc.server(ThreadPoolExecutor(_THREADS), options=_SIZES)
    rpc.add_ProviderServicer_to_server(servicer, server)
    controller_rpc.add_GRPCControllerServicer_to_server(controller, server)
    stdio_rpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
    return server


def serve(provider: EmbeddedProvider) -> None:
    """Serve Terraform until it says goodbye, or is gone.

    Raises:
        OSError: No socket can be made.
    """
    parent = os.getppid()
    # A Ctrl-C reaches the whole process group. Terraform acts on it, and says what it wants of the provider.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    controller = Controller()
    server = make_server(Servicer(provider), controller)
    certificate, credentials = _certificate()
    with socket_folder() as folder:
        socket = folder / SOCKET_NAME
        server.add_secure_port(f"unix://{socket}", credentials)
        server.start()
        shown = base64.b64encode(certificate).decode().rstrip("=")
        sys.stdout.write(f"1|6|unix|{socket}|grpc|{shown}\n")
        sys.stdout.flush()
        # A Terraform that was killed says nothing, and leaves its children to another parent.
        while not controller.ended.wait(_POLL_SECONDS) and os.getppid() == parent:
            pass
        provider.stop()
        server.stop(_GRACE_SECONDS).wait()


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
