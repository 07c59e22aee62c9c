"""Signal handling while terraform runs: interrupt terraform once, and wait for it."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

__all__ = ["ending_in_order", "leading_to"]

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)
_WAIT_SECONDS: Final = 0.5


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block like an exception, so that no process stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can set handlers
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {it: signal.signal(it, end) for it in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def leading_to(process: subprocess.Popen[str]) -> Iterator[None]:
    """Forward signals to a running terraform, while the block waits for its end.

    Ctrl-C reaches the whole process group, so terraform handles it itself. SIGTERM and SIGHUP may reach only
    this process, which then interrupts terraform, but only once: a second interrupt makes terraform abort. A
    second signal means that the first one went to the group, as ``timeout`` sends it.

    Raises:
        SystemExit: At the end of the block, after a SIGTERM or SIGHUP.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def interrupt() -> None:
        if len(received) == 1:
            process.send_signal(signal.SIGINT)

    timer = threading.Timer(_WAIT_SECONDS, interrupt)
    timer.daemon = True

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            timer.start()

    before = {it: signal.signal(it, note) for it in _ENDING}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise SystemExit(128 + received[0])
