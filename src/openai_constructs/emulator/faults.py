"""Faults by chance or by count, in the short form ``429:0.3,500:0.1,drop:0.05,drop-after:x2``."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final, Literal

from openai_constructs.errors import EmulatorError

__all__ = ["Fault", "Faults", "parse_faults"]

_LONGEST: Final = 60
_ENTRY: Final = re.compile(r"(?P<what>\d{3}|drop|drop-after):(x(?P<times>\d+)|(?P<rate>\d*\.?\d+))")
_HOW: Final = (
    "Write `what:how` with commas between: what is a status from 400 to 599, `drop` (the request is not "
    "carried out) or `drop-after` (it is, and the answer lost); how is a rate from 0 to 1, or `x2`"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        what: An HTTP status, ``drop`` or ``drop-after``.
        rate: Share of the requests to hit, 0 to 1.
        times: Number of requests to hit, from the first one.
    """

    what: int | Literal["drop", "drop-after"]
    rate: float = 0.0
    times: int = 0


class Faults:
    """Chooses faults for requests in their order of arrival, reproducibly for the same seed.

    Args:
        kinds: The kinds of faults.
        seed: Random seed for rate-based faults.
    """

    def __init__(self, kinds: tuple[Fault, ...] = (), seed: int = 0) -> None:
        self.kinds = kinds
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Restart: the next request counts as the first one."""
        self._random = random.Random(self._seed)  # noqa: S311 - it must be reproducible
        self._left = [it.times for it in self.kinds]

    def draw(self) -> Fault | None:
        """Return the fault that hits the current request, if any."""
        for index, fault in enumerate(self.kinds):
            if self._left[index]:
                self._left[index] -= 1
                return fault
        drawn = self._random.random()
        for fault in self.kinds:
            if drawn < fault.rate:
                return fault
            drawn -= fault.rate
        return None


def parse_faults(text: str | None) -> tuple[Fault, ...]:
    """Read the short form.

    Args:
        text: ``429:0.3,500:x2``; ``None`` for no faults.

    Raises:
        EmulatorError: If the text has another form.
    """
    faults = tuple(_fault(it.strip()) for it in text.split(",")) if text else ()
    if sum(it.rate for it in faults) > 1 + 1e-9:
        raise EmulatorError(f"--fail {text}: the rates add up to more than 1. Lower them.")
    return faults


def _fault(entry: str) -> Fault:
    found = _ENTRY.fullmatch(entry) if len(entry) <= _LONGEST else None
    if found is None:
        raise EmulatorError(f"--fail: {entry[:_LONGEST]!r} is invalid. {_HOW}.")
    what: int | Literal["drop", "drop-after"]
    match found["what"]:
        case "drop" | "drop-after" as drop:
            what = drop
        case status:
            what = int(status)
            if not 400 <= what <= 599:
                raise EmulatorError(f"--fail: {what} is not an error status. {_HOW}.")
    if found["times"]:
        return Fault(what, times=int(found["times"]))
    rate = float(found["rate"])
    if rate > 1:
        raise EmulatorError(f"--fail: the rate {found['rate']} is more than 1. {_HOW}.")
    return Fault(what, rate=rate)
