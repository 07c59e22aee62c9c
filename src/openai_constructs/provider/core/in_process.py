"""Serve Terraform from the running process, which saves Terraform starting a process per provider.

Terraform connects to a running provider if ``TF_REATTACH_PROVIDERS`` names its socket. It then uses one
server for all configurations of that provider, one run after another. Each ``ConfigureProvider`` begins a run
with a new provider, as a new process would, so this supports only stacks with one provider block.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from openai_constructs.provider.core.protocol import EmbeddedProvider, Servicer
from openai_constructs.provider.core.serving import Controller, make_server
from openai_constructs.provider.core.sockets import socket_folder, takes_sockets
from openai_constructs.provider.editions import ADDRESSES, NATIVE_ADDRESS, provider_of

__all__ = ["serve_in_process"]

_EDITIONS: Final = {"compat": ADDRESSES, "native": (NATIVE_ADDRESS,)}
_GRACE_SECONDS: Final = 1.0


class _Runs(Servicer):
    """Calls of consecutive runs, each of which has its own provider.

    Args:
        edition: The edition to serve.
        environ: The environment variables that the provider reads.
    """

    def __init__(self, edition: str, environ: Mapping[str, str]) -> None:
        self._edition, self._environ = edition, environ
        super().__init__(self._new())

    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Begin a run with a new provider, as a new process would."""
        previous, self.app = self.app, self._new()
        previous.close()
        return super().ConfigureProvider(request, context)

    def _new(self) -> EmbeddedProvider:
        return provider_of(self._edition, self._environ)


@contextmanager
def serve_in_process(folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Serve both editions until the end of the block.

    Args:
        folder: A private folder for the sockets. If it cannot hold sockets, a temporary folder is used.
        environ: The environment variables that the providers read.

    Yields:
        The value of ``TF_REATTACH_PROVIDERS``.

    Raises:
        OSError: If no socket can be created.
    """
    with ExitStack() as opened:
        if not takes_sockets(folder):
            folder = opened.enter_context(socket_folder())
        reattach = {}
        for edition, addresses in _EDITIONS.items():
            socket = folder / f"{edition}.sock"
            opened.enter_context(_serving(_Runs(edition, environ), socket))
            target = {"Network": "unix", "String": str(socket)}
            for address in addresses:
                reattach[address] = {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": os.getpid(),
                    "Test": True,  # Terraform leaves the process running
                    "Addr": target,
                }
        yield json.dumps(reattach)


@contextmanager
def _serving(runs: _Runs, socket: Path) -> Iterator[None]:
    """Serve on a socket, whose folder only the user can open."""
    socket.unlink(missing_ok=True)
    server = make_server(runs, Controller())
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    try:
        yield
    finally:
        runs.app.stop()
        server.stop(_GRACE_SECONDS).wait()
        runs.app.close()
        socket.unlink(missing_ok=True)
