"""Run the emulator in this process with ``Emulator``, or until a signal with ``serve``."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from openai_constructs.errors import EmulatorError

if TYPE_CHECKING:
    import openai

    from openai_constructs.emulator.app import Application, OnRequest
    from openai_constructs.emulator.quick_server import QuickServer

__all__ = ["Emulator", "serve"]

_PATIENCE: Final = 10.0
_BACKLOG: Final = 2048
_MAX_PORT: Final = 65535


class Emulator:
    """OpenAI-compatible chat completions on a local port, in a thread of this process.

    A context manager that serves until the end of the block. ::

        with Emulator() as emulator:
            client = emulator.client()

    Args:
        port: TCP port; 0 for any free one.
        host: Address to listen on; must be loopback unless ``allow_remote`` is set.
        db: SQLite file for stored completions, created if needed. Default: in memory.
        replies: YAML file of scripted answers; see ``openai_constructs.emulator.replies``.
        replay: Recorded answers: the URL of an archive, its SQLite file, or a JSON Lines file of
            `openai-constructs archive export`. The emulator generates answers to other requests.
        replay_only: Reject requests without a recorded answer; the error names the nearest recorded request.
        lenient: Accept the requests of SDK conformance suites, and skip most checks.
        fail: Faults in the short form, ``429:0.3,drop:x2``; see ``openai_constructs.emulator.faults``.
        seed: Random seed for rate-based faults; any int.
        allow_remote: Allow a ``host`` that other machines can reach. It warns, because any key is accepted.
        on_request: Called after each request of the API, with its log entry and the seconds that it took.

    Raises:
        ArchiveError: When entered, if the recorded answers cannot be read.
        EmulatorError: When entered, if port, host, database, replies or faults cannot be used, or the
            extra ``local`` is not installed.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        db: str | os.PathLike[str] | None = None,
        replies: str | os.PathLike[str] | None = None,
        replay: str | os.PathLike[str] | None = None,
        replay_only: bool = False,
        lenient: bool = False,
        fail: str | None = None,
        seed: int = 0,
        allow_remote: bool = False,
        on_request: OnRequest | None = None,
    ) -> None:
        self._address = (host, port)
        self._db = None if db is None else Path(db)
        self._replies = None if replies is None else Path(replies)
        self._replay = replay
        self._replay_only = replay_only
        self._lenient = lenient
        self._fail = fail
        self._seed = seed
        self._allow_remote = allow_remote
        self._on_request = on_request
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("this emulator is running already")
        _refuse_remote(self._address[0], self._allow_remote)
        if self._replay_only and self._replay is None:
            raise EmulatorError("replay_only needs recorded answers: set replay as well.")
        try:
            from openai_constructs.archive.replay import Replay
            from openai_constructs.emulator.app import Application
            from openai_constructs.emulator.faults import Faults, parse_faults
            from openai_constructs.emulator.replies import Replies
            from openai_constructs.emulator.replies_file import read_replies
            from openai_constructs.emulator.store import Store
        except ImportError as error:
            raise _missing(error) from error
        faults = Faults(parse_faults(self._fail), self._seed)
        scripted = Replies() if self._replies is None else read_replies(self._replies)
        with ExitStack() as opened:
            replay = None
            if self._replay is not None:
                replay = Replay(self._replay, only=self._replay_only)
                opened.callback(replay.close)
            bound = _bound(*self._address)
            opened.callback(bound.close)
            store = Store(self._db)
            opened.callback(store.close)
            app = Application(
                store,
                scripted,
                faults,
                lenient=self._lenient,
                any_host=not _is_loopback(self._address[0]),
                on_request=self._on_request,
                replay=replay,
            )
            self._running = _Running(bound, app, opened.pop_all().close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.stop()
        self._running = None

    @property
    def url(self) -> str:
        """URL of the emulator, without ``/v1`` and without a trailing slash."""
        return self._started.url

    def client(self, **options: Any) -> openai.OpenAI:
        """Return a client of the official SDK for this emulator.

        Args:
            options: More arguments of ``openai.OpenAI``, such as ``max_retries``.

        Raises:
            EmulatorError: If the package ``openai``, of the extra ``test``, is not installed.
        """
        try:
            from openai import OpenAI
        except ImportError as error:
            raise EmulatorError(
                f"emulator.client() needs the openai SDK ({error}): pip install 'openai-constructs[test]'"
            ) from error
        return OpenAI(**{"base_url": f"{self.url}/v1", "api_key": "emulator", **options})

    def requests(self) -> list[dict[str, Any]]:
        """The newest requests, oldest first: method, path, query, body and status; no headers."""
        return self._started.app.log.shown()

    def reset(self) -> None:
        """Delete all completions and requests, and restart replies and faults from the beginning."""
        running = self._started
        asyncio.run_coroutine_threadsafe(running.app.reset(), running.loop).result(_PATIENCE)

    @property
    def _started(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the emulator is not running: use it in a `with` statement")
        return self._running


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    db: str | os.PathLike[str] | None = None,
    replies: str | os.PathLike[str] | None = None,
    replay: str | os.PathLike[str] | None = None,
    replay_only: bool = False,
    lenient: bool = False,
    fail: str | None = None,
    seed: int = 0,
    allow_remote: bool = False,
    on_request: OnRequest | None = None,
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Run the emulator until SIGINT or SIGTERM. Call it in the main thread.

    Args:
        host: See ``Emulator`` for all arguments.
        port: TCP port; 0 for any free one.
        db: SQLite file for stored completions.
        replies: YAML file of scripted answers.
        replay: Recorded answers.
        replay_only: Reject requests without a recorded answer.
        lenient: Accept the requests of SDK conformance suites.
        fail: Faults in the short form.
        seed: Random seed for rate-based faults.
        allow_remote: Allow a ``host`` that other machines can reach.
        on_request: Called after each request.
        on_start: Called with the URL once the server accepts requests.

    Raises:
        EmulatorError: If it cannot start.
    """
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {it: signal.signal(it, stop) for it in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Emulator(
            port,
            host=host,
            db=db,
            replies=replies,
            replay=replay,
            replay_only=replay_only,
            lenient=lenient,
            fail=fail,
            seed=seed,
            allow_remote=allow_remote,
            on_request=on_request,
        ) as emulator:
            if on_start is not None:
                on_start(emulator.url)
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Running:
    """A server that is ready when the constructor returns, and runs until ``stop``."""

    def __init__(self, bound: socket.socket, app: Application, close: Callable[[], None]) -> None:
        host, port = bound.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.app = app
        self._bound = bound
        self._close = close
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        try:
            self._server = _server(app)
        except ImportError as error:
            close()
            bound.close()
            raise _missing(error) from error
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self.stop()
            raise EmulatorError(f"The emulator cannot start: {self._failure}.") from self._failure

    def stop(self) -> None:
        """Finish the requests in progress, then close everything."""
        self._server.end()
        self._thread.join()
        self._close()
        self._bound.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._bound]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.001)
        self._ready.set()
        await serving


def _server(app: Application) -> QuickServer:
    import uvicorn

    from openai_constructs.emulator.protocol import DroppingProtocol
    from openai_constructs.emulator.quick_server import QuickServer

    config = uvicorn.Config(
        app,
        http=DroppingProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        # Longer than clients keep connections, so that they never reuse one that is being closed.
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
    return QuickServer(config)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop factory if installed; it does not support Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _bound(host: str, port: int) -> socket.socket:
    """Return a listening socket, bound here to report its errors and to resolve port 0."""
    if not 0 <= port <= _MAX_PORT:
        raise EmulatorError(f"{host}:{port}: a port is a number from 0 to {_MAX_PORT}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise EmulatorError(f"{host}:{port}: the emulator cannot listen there: {error}.") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        reason = error.strerror or str(error)
        raise EmulatorError(
            f"{host}:{port}: the emulator cannot listen there: {reason}. "
            "Choose another port, or 0 for any free one."
        ) from error
    return bound


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_remote(host: str, allowed: bool) -> None:
    if _is_loopback(host):
        return
    if not allowed:
        raise EmulatorError(
            f"{host}: other machines could reach the emulator there, and it accepts any key. "
            "Listen on 127.0.0.1, or allow it explicitly (allow_remote)."
        )
    warnings.warn(
        f"The emulator listens on {host}: whoever reaches it can read, change and delete what is stored.",
        stacklevel=3,
    )


def _missing(error: ImportError) -> EmulatorError:
    return EmulatorError(
        f"The emulator needs {error.name}. Install it with: pip install 'openai-constructs[local]'"
    )
