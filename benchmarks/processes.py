"""What Linux tells of other processes. Elsewhere, and of those that are gone, there is nothing to be told."""

from __future__ import annotations

import re
from math import nan
from pathlib import Path

__all__ = ["children", "peak_memory"]


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    try:
        lists = [it.read_text() for it in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for it in lists for child in it.split()]


def peak_memory(process: int) -> float:
    """Peak resident memory so far, in MB; not a number where it is not told."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return nan
    return int(found[1]) / 1024 if found else nan
