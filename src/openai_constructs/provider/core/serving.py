"""Serve Terraform: the handshake, the certificate, and a server that ends when Terraform shuts it down.

It replaces the runner of ``tf``, which has three faults. When Terraform stops it, it drops calls in progress,
and an answer that has just arrived. It dies of a Ctrl-C that was meant for Terraform. And it has no more
threads than Terraform makes parallel changes, so a request to stop has to wait.
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
    """Receiver of Terraform's shutdown call.

    Attributes:
        ended: Set when Terraform has called.
    """

    def __init__(self) -> None:
        self.ended = threading.Event()

    def Shutdown(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Set `ended`."""
        self.ended.set()
        return controller_pb.Empty()


class _Stdio(stdio_rpc.GRPCStdioServicer):
    def StreamStdio(self, request: Any, context: Any) -> Any:  # noqa: N802
        return iter(())  # Terraform logs the process's output by itself


def make_server(servicer: Servicer, controller: Controller) -> grpc.Server:
    """Create a server with all services that Terraform calls. It does not listen yet."""
    server: grpc.Server = grpc.server(ThreadPoolExecutor(_THREADS), options=_SIZES)
    rpc.add_ProviderServicer_to_server(servicer, server)
    controller_rpc.add_GRPCControllerServicer_to_server(controller, server)
    stdio_rpc.add_GRPCStdioServicer_to_server(_Stdio(), server)
    return server


def serve(provider: EmbeddedProvider) -> None:
    """Serve Terraform until it shuts the provider down or is gone.

    Raises:
        OSError: If no socket can be created.
    """
    parent = os.getppid()
    # A Ctrl-C reaches the whole process group. Terraform handles it, and calls StopProvider.
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
        # A killed Terraform makes no call, but its children get another parent.
        while not controller.ended.wait(_POLL_SECONDS) and os.getppid() == parent:
            pass
        provider.stop()
        server.stop(_GRACE_SECONDS).wait()


def _certificate() -> tuple[bytes, Any]:
    """Create a certificate for this process alone.

    ``tf`` keeps a certificate and its key in the user's home, which may not be writable. Generating an
    elliptic-curve key takes a millisecond.
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
