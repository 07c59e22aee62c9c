"""One round of measurement, in a process of its own: ``python benchmarks/measure.py COUNT VARIANT ...``.

The variants are made in turn, a few of each at a time, so that whatever else the machine does meets all of
them; each goes into a stack of its own. Every request to Node is counted. Prints JSON, by variant: seconds of
making and of ``app.synth()``, requests a construct, peak memory of the process and of Node in MB.

With ``--phases`` the parts of this library are timed, too.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any, Final

import generated
import jsii
from jsii._kernel.providers.process import _NodeProcess
from jsii._runtime import kernel
from processes import children, peak_memory
from variants import FLEET, VARIANTS, make_fleet, stack_of

CHUNK: Final = 20

seconds: defaultdict[str, float] = defaultdict(float)
requests: Counter[str] = Counter()


def timed(owner: Any, name: str, phase: str) -> None:
    """Add up the time a function takes, from now on."""
    function = getattr(owner, name)

    def wrapper(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[phase] += time.perf_counter() - start

    setattr(owner, name, wrapper)


def watch_phases() -> None:
    """Time the parts that a construct's making has."""
    from openai_constructs.cdk import chats
    from openai_constructs.cdk.bindings import chat_completion

    for module in (chats, chat_completion):
        timed(module, "request_arguments", "validate")
        timed(module, "render", "escape")
    timed(jsii, "create", "jsii")


def count_requests() -> None:
    """Count what is sent to Node, from now on."""
    send = _NodeProcess.send

    def counted(process: Any, request: Any, response: Any) -> Any:
        requests["sent"] += 1
        return send(process, request, response)

    _NodeProcess.send = counted  # type: ignore[method-assign]


@cache
def node() -> int:
    """The process that the engine runs in: the child of the one that jsii starts."""
    started: int = kernel.provider._process._process.pid
    return next(iter(children(started)), started)


def peaks() -> dict[str, float]:
    """Peak resident memory so far, in MB."""
    python = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"python": python, "node": peak_memory(node())}


def processor() -> float:
    """Seconds of processor time so far, of this process and of Node's main thread: unmoved by other work."""
    schedule = Path(f"/proc/{node()}/schedstat")
    used = int(schedule.read_text().split()[0]) / 1e9 if schedule.exists() else 0.0
    return time.process_time() + used


def measure(count: int, names: list[str], folder: str) -> dict[str, Any]:
    """One round."""
    figures: dict[str, Any] = {name: {"create": 0.0, "requests": 0, "cpu": 0.0} for name in names}
    Path(folder).mkdir()
    stacks = {name: stack_of(f"{folder}/{index}") for index, name in enumerate(names)}
    for start in range(0, count, CHUNK):
        for name in names:
            if name == FLEET and start:
                continue
            sent, used, begun = requests["sent"], processor(), time.perf_counter()
            if name == FLEET:
                make_fleet(stacks[name], count)
            else:
                for index in range(start, min(start + CHUNK, count)):
                    VARIANTS[name](stacks[name], index)
            figures[name]["create"] += time.perf_counter() - begun
            figures[name]["cpu"] += processor() - used
            figures[name]["requests"] += requests["sent"] - sent
    for name in names:
        sent, used, begun = requests["sent"], processor(), time.perf_counter()
        stacks[name].node.root.synth()
        figures[name]["synth"] = time.perf_counter() - begun
        figures[name]["synth cpu"] = processor() - used
        figures[name]["synth requests"] = requests["sent"] - sent
    return figures


def main() -> None:
    """Measure one round and print it."""
    arguments = [it for it in sys.argv[1:] if it != "--phases"]
    count, names = int(arguments[0]), arguments[1:]
    sys.path.insert(0, str(generated.folder() / "imports"))
    count_requests()
    with tempfile.TemporaryDirectory() as folder:
        measure(min(count, CHUNK), names, f"{folder}/warm")  # what a process pays once
        if "--phases" in sys.argv:
            watch_phases()
        seconds.clear()
        figures = measure(count, names, f"{folder}/measured")
    print(json.dumps({"figures": figures, "phases": seconds, "peak": peaks()}))


if __name__ == "__main__":
    main()
