"""Serving Terraform from the running process, which spares a new process for each provider that it starts.

Terraform connects to a provider that runs already if ``TF_REATTACH_PROVIDERS`` says where it listens. It then
uses one server for all configurations of that provider, in one run after another: each ``ConfigureProvider``
begins a run with a new provider, as a new process would. So this is for stacks with one provider block only.
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
    """The protocol's calls of one run after another, each with a provider of its own.

    Args:
        edition: The edition to serve.
        environ: The environment variables that the provider reads.
    """

    def __init__(self, edition: str, environ: Mapping[str, str]) -> None:
        self._edition, self._environ = edition, environ
        super().__init__(self._new())

    def ConfigureProvider(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Begin a run: nothing of the previous one is left, as in a new process."""
        previous, self.app = self.app, self._new()
        previous.close()
        return super().ConfigureProvider(request, context)

    def _new(self) -> EmbeddedProvider:
        return provider_of(self._edition, self._environ)


@contextmanager
def serve_in_process(folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Serve both editions until the end of the block.

    Args:
        folder: A private folder for the sockets. They are made in a temporary folder if this one takes none.
        environ: The environment variables that the providers read.

    Yields:
        The value of ``TF_REATTACH_PROVIDERS``.

    Raises:
        OSError: No socket can be made.
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
    """Serve on a socket, which is private to the user by its folder."""
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
