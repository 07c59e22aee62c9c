"""What importing and constructing costs, as ratios against the engine itself in the same run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 7
COUNT = 300
IMPORTS = {
    "bare Python": "pass",
    "openai_constructs.values": "import openai_constructs.values",
    "cdktf": "import cdktf",
    "openai_constructs, every construct": "from openai_constructs import *",
}


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def import_times() -> dict[str, float]:
    """Median seconds of a whole process for each import, interleaved."""
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(ROUNDS):
        for name, code in IMPORTS.items():
            command = [sys.executable, "-c", code]
            times[name].append(
                seconds(
                    lambda command=command: subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
                )
            )
    return {name: statistics.median(it) for name, it in times.items()}


def construct_times() -> dict[str, float]:
    """Median seconds for one construct, created and synthesized, beside the engine's own call."""
    from cdktf import TerraformHclModule, TerraformStack, Testing

    from openai_constructs import BasicChat, OpenaiProvider

    def stack() -> TerraformStack:
        made = TerraformStack(Testing.app(), "stack")
        OpenaiProvider(made, "openai")
        BasicChat(made, "first", model="m", prompt="p")  # what a stack pays once
        return made

    def raw(made: TerraformStack) -> None:
        for index in range(COUNT):
            TerraformHclModule(
                made,
                f"it{index}",
                source="./module",
                skip_asset_creation_from_local_modules=True,
                variables={"model": "m", "messages": [{"role": "user", "content": f"prompt {index}"}]},
            )
        Testing.synth(made)

    def ours(made: TerraformStack) -> None:
        for index in range(COUNT):
            BasicChat(made, f"it{index}", model="m", prompt=f"prompt {index}")
        Testing.synth(made)

    times: dict[str, list[float]] = {"raw TerraformHclModule": [], "BasicChat": []}
    for _ in range(ROUNDS):
        for name, make in (("raw TerraformHclModule", raw), ("BasicChat", ours)):
            made = stack()
            times[name].append(seconds(lambda make=make, made=made: make(made)) / COUNT)
    return {name: statistics.median(it) for name, it in times.items()}


def main() -> None:
    """Measure, print a table, and write the figures as JSON."""
    imports, constructs = import_times(), construct_times()
    bare = imports["bare Python"]
    print(f"{'import, whole process':<40}{'ms':>8}{'over bare':>12}")
    for name, it in imports.items():
        print(f"{name:<40}{it * 1000:>8.0f}{(it - bare) * 1000:>12.0f}")
    ratio = imports["openai_constructs, every construct"] / imports["cdktf"]
    print(f"every construct / cdktf: {ratio:.2f}\n")
    print(f"{'create and synthesize, each':<40}{'ms':>8}")
    for name, it in constructs.items():
        print(f"{name:<40}{it * 1000:>8.2f}")
    print(f"BasicChat / raw: {constructs['BasicChat'] / constructs['raw TerraformHclModule']:.2f}")
    results = Path("build/bench/constructs.json")
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps({"imports": imports, "constructs": constructs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
