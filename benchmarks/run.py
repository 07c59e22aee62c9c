"""What this library costs beside the engine itself: imports, constructs, synthesis, memory.

    python benchmarks/run.py [--rounds 5] [--largest 10000]

Every figure is the median of the rounds; every ratio is the median of the ratios within a round, because its
two sides then met the same machine. Prints tables, and writes them to build/bench/constructs.json and .png.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import report
from example import JSON, without_comments
from generated import ROOT
from variants import FLEET, VARIANTS

HERE: Final = Path(__file__).resolve().parent
SIZES: Final = (1, 10, 100, 1_000, 10_000)
TYPESCRIPT: Final = "cdktf in TypeScript"
RAW: Final = "raw TerraformHclModule"
IMPORTS: Final = {
    "bare Python": "pass",
    "openai_constructs.values": "import openai_constructs.values",
    "cdktf": "import cdktf",
    "openai_constructs": "import cdktf, openai_constructs",
    "every construct": "from openai_constructs import *",
}

Figures = dict[str, Any]


def environment(**more: str) -> dict[str, str]:
    """What the measured programs run in: with bytecode, as an installed package has it."""
    made = {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    silence = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    return {**made, **silence, "NODE_PATH": str(ROOT / "node_modules"), **more}


def output_of(*command: str) -> Any:
    """The JSON that a program prints."""
    ran = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(ran.stdout.strip().splitlines()[-1])


def seconds_of(*arguments: str, **more: str) -> float:
    """Seconds of a whole Python process."""
    start = time.perf_counter()
    command = [sys.executable, *arguments]
    subprocess.run(command, env=environment(**more), check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(*arguments: object) -> Any:
    """One round of constructs."""
    return output_of(sys.executable, str(HERE / "measure.py"), *map(str, arguments))


def typescript(count: int) -> Figures:
    """The same in the engine's own language."""
    with tempfile.TemporaryDirectory() as folder:
        made: Figures = output_of("node", str(HERE / "typescript.js"), str(count), folder)
        return made


def import_times(rounds: int) -> list[Figures]:
    """Seconds of a whole process for each import, interleaved."""
    seconds_of("-c", IMPORTS["every construct"])  # writes the bytecode
    return in_turn({name: partial(seconds_of, "-c", code) for name, code in IMPORTS.items()}, rounds)


def in_turn(programs: Mapping[str, Callable[[], float]], rounds: int) -> list[Figures]:
    """Seconds of each program, many times and each first in turn: the machine's mood is the greater part."""
    orders = [list(programs), list(programs)[::-1]] * (rounds * 3)
    return [{name: programs[name]() for name in order} for order in orders]


def example_times(rounds: int) -> list[Figures]:
    """Seconds of the example's program, and of one that writes the same JSON by hand, interleaved."""
    with tempfile.TemporaryDirectory() as folder:
        ours, hand = Path(folder, "ours"), Path(folder, "hand")

        def time_ours() -> float:
            return seconds_of(str(ROOT / "examples" / "chat_completion" / "main.py"), CDKTF_OUTDIR=str(ours))

        def time_by_hand() -> float:
            return seconds_of(str(HERE / "example.py"), str(ours / JSON), CDKTF_OUTDIR=str(hand))

        programs = {"ours": time_ours, "by hand": time_by_hand}
        for program in programs.values():
            program()
        check_same(ours, hand)
        return in_turn(programs, rounds)


def check_same(ours: Path, hand: Path) -> None:
    """Stop where the two programs did not write the same files, the JSON apart from its comments."""
    one, other = ({it.relative_to(top) for it in top.rglob("*")} for top in (ours, hand))
    made, wanted = (without_comments(json.loads((top / JSON).read_text())) for top in (hand, ours))
    if one != other or made != wanted:
        raise SystemExit("benchmarks/example.py does not write what examples/chat_completion does")


def construct_rounds(count: int, rounds: int) -> list[Figures]:
    """Rounds of every variant at one size; overrides of 10,000 resources take the engine minutes."""
    names = [it for it in (*VARIANTS, FLEET) if count <= 1_000 or it != "raw TerraformResource"]
    made = []
    for index in range(rounds):
        turn = index % len(names)  # the app that is synthesized first also pays for Node's compiler
        figures = measure(count, *names[turn:], *names[:turn])["figures"]
        made.append({**figures, TYPESCRIPT: typescript(count)})
    return made


def peaks(count: int) -> dict[str, dict[str, float]]:
    """Peak memory of an app of so many chats, of an empty one, and in TypeScript: MB by process."""
    made = {"an empty app": measure(0, RAW)["peak"]}
    made |= {name: measure(count, name)["peak"] for name in (RAW, "BasicChat", "StoredCompletion", FLEET)}
    return {**made, TYPESCRIPT: {"node": typescript(count)["peak"]}}


def phases(count: int) -> dict[str, dict[str, float]]:
    """Milliseconds a construct by phase; what is left is the engine at synthesis, and Python around it."""
    made = {}
    for name in ("BasicChat", "StoredCompletion"):
        ran = measure("--phases", count, name)
        whole = sum(ran["figures"][name][it] for it in ("create", "synth"))
        parts = {phase: it / count * 1000 for phase, it in ran["phases"].items()}
        made[name] = {**parts, "the rest": whole / count * 1000 - sum(parts.values())}
    return made


def total(figures: Figures) -> float:
    """Seconds of making and synthesis."""
    return float(figures["create"] + figures["synth"])


def verdicts(results: Figures) -> list[tuple[str, float, float]]:
    """What was promised: each ratio as it was measured, and the most it may be."""
    rounds, largest = results["rounds"], max(results["rounds"])
    at = 1_000 if 1_000 in rounds else largest

    def ratio(count: int, ours: str, other: str, part: Any) -> float:
        return median(part(it[ours]) / part(it[other]) for it in rounds[count])

    def growth(name: str) -> float:
        small, large = (median(total(it[name]) for it in rounds[count]) / count for count in (at, largest))
        return large / small

    imports = median(it["every construct"] / it["cdktf"] for it in results["imports"])
    example = median(it["ours"] / it["by hand"] for it in results["example"])
    return [
        (f"BasicChat / raw, N = {at:,}", ratio(at, "BasicChat", RAW, total), 0.85),
        (
            "StoredCompletion / generated bindings",
            ratio(at, "StoredCompletion", "generated bindings", total),
            1.25,
        ),
        ("import openai_constructs / import cdktf", imports, 1.08),
        (f"BasicChat, one at {largest:,} / at {at:,}", growth("BasicChat"), 1.15),
        (f"StoredCompletion, one at {largest:,} / at {at:,}", growth("StoredCompletion"), 1.15),
        (f"ChatFleet of {largest:,} / TypeScript", ratio(largest, FLEET, TYPESCRIPT, total), 0.50),
        ("the example / the same JSON by hand", example, 1.20),
    ]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    options = parser.parse_args()
    sizes = [it for it in SIZES if it <= options.largest]
    results: Figures = {
        "load": os.getloadavg(),
        "imports": import_times(options.rounds),
        "example": example_times(options.rounds),
        "rounds": {count: construct_rounds(count, options.rounds) for count in sizes},
        "phases": phases(min(options.largest, 1_000)),
        "peaks": peaks(options.largest),
    }
    results["verdicts"] = verdicts(results)
    report.show(results)
    report.write(results, ROOT / "build" / "bench")


if __name__ == "__main__":
    main()
