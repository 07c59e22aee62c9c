"""Signals while terraform runs: it is interrupted once, and waited for."""

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
    """Let SIGTERM and SIGHUP end the block as an exception would, so that it leaves nothing running."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no other thread may set handlers
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
    """Lead signals to a terraform that runs, whose end the block waits for.

    Ctrl-C reaches the whole process group, so terraform acts on it already. SIGTERM and SIGHUP may reach this
    process alone: terraform is interrupted then, once, because it drops everything at a second interrupt. A
    second signal means that the first one went to the group, as that of ``timeout`` does.

    Raises:
        SystemExit: At the end of the block, if a SIGTERM or SIGHUP came.
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
