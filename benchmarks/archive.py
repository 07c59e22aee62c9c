"""What an archive costs: an apply with and without one, and reading many rows beside the bare SQL.

    python benchmarks/archive.py [--completions 500] [--rows 100000] [--rounds 3]

An apply is of unstored native completions against the emulator, both ways in turn. Reading is wall time of
the commands, start included, beside a program that starts with the same libraries and prints the same query.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from openai_constructs.archive import Archive, Entry
from openai_constructs.emulator import Emulator
from openai_constructs.provider import NATIVE_ADDRESS
from openai_constructs.provider.core.mirror import prepare

ROOT: Final = Path(__file__).resolve().parent.parent
APPLY_BAR: Final = 1.10
READ_BAR: Final = 1.5
_QUERY: Final = """
import sqlalchemy, click, genai_prices
from sqlalchemy import create_engine, text
with create_engine("sqlite:///" + {file!r}).connect() as connection:
    for row in connection.execute(text({query!r})):
        print(*row)
"""
_LIST: Final = (
    "SELECT at, stack, path, model_used, prompt_tokens, completion_tokens, nano_usd, status, completion_id "
    "FROM openai_constructs_completions WHERE at >= 0 ORDER BY id"
)
_COST: Final = (
    "SELECT stack, path, model_used, at / 86400000, count(*), sum(prompt_tokens), sum(cached_tokens), "
    "sum(completion_tokens), sum(reasoning_tokens), sum(nano_usd) FROM openai_constructs_completions "
    "GROUP BY stack, path, model_used, at / 86400000"
)


def configuration(count: int, archive: Path | None) -> dict[str, Any]:
    """The JSON of a stack with as many unstored completions."""
    completion = {
        "count": count,
        "model": "gpt-4o",
        "idempotency_key": "stack/a[${count.index}]",
        "messages": [{"role": "user", "content": "Question ${count.index}"}],
    }
    return {
        "terraform": {"required_providers": {"openai": {"source": NATIVE_ADDRESS}}},
        "provider": {"openai": {"archive": f"sqlite:///{archive}"} if archive else {}},
        "resource": {"openai_chat_completion": {"a": completion}},
    }


def apply_seconds(folder: Path, environment: dict[str, str], count: int, archive: Path | None) -> float:
    """Wall time of an apply in an empty state."""
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps(configuration(count, archive)))
    run = {"cwd": folder, "env": {**os.environ, **environment}, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["terraform", "init", "-input=false"], **run)
    started = time.perf_counter()
    subprocess.run(["terraform", "apply", "-auto-approve", "-input=false"], **run)
    return time.perf_counter() - started


def measure_applies(folder: Path, count: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of applies without and with an archive, in turn."""
    without, with_one = [], []
    for number in range(rounds):
        with Emulator() as emulator:
            environment = {
                "OPENAI_API_KEY": "k",
                "OPENAI_BASE_URL": f"{emulator.url}/v1",
                "TF_CLI_CONFIG_FILE": str(prepare(folder)),
            }
            without.append(apply_seconds(folder / f"without-{number}", environment, count, None))
            archive = folder / f"answers-{number}.db"
            with_one.append(apply_seconds(folder / f"with-{number}", environment, count, archive))
    return without, with_one


def fill(file: Path, count: int) -> None:
    """An archive with as many rows."""
    from openai_constructs.archive.tables import COMPLETIONS

    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "A question. " * 20}]}
    answer = {
        "id": "c",
        "model": "gpt-4o",
        "choices": [{"message": {"content": "An answer."}}],
        "usage": usage,
    }
    row = Entry(body=body, completion=answer, key="stack/chat").row()
    now = row["at"]
    with Archive.open(f"sqlite:///{file}", create=True) as archive, archive.writing() as connection:
        for first in range(0, count, 1000):
            rows = [
                {
                    **row,
                    "completion_id": f"c{number}",
                    "path": f"chat{number % 200}",
                    "at": now - number * 60_000,
                }
                for number in range(first, min(first + 1000, count))
            ]
            connection.execute(COMPLETIONS.insert(), rows)


def seconds(*command: str) -> float:
    """Wall time of a command."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure_reading(file: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Seconds of each command and of the bare query, medians of rounds in turn."""
    commands = {
        "archive list --since": (["archive", "list", "--since", "500d"], _LIST),
        "cost": (["cost"], _COST),
    }
    measured = {}
    for name, (arguments, query) in commands.items():
        ours = [sys.executable, "-m", "openai_constructs", *arguments, "--archive", str(file)]
        bare = [sys.executable, "-c", _QUERY.format(file=str(file), query=query)]
        pairs = [(seconds(*ours), seconds(*bare)) for _ in range(rounds)]
        measured[name] = (statistics.median(it[0] for it in pairs), statistics.median(it[1] for it in pairs))
    return measured


def peak_megabytes(file: Path, *arguments: str) -> float:
    """Peak memory of a command over an archive."""
    command = [sys.executable, "-m", "openai_constructs", *arguments, "--archive", str(file)]
    program = (
        "import resource, subprocess, sys; "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--completions", type=int, default=500)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = Table("what", "seconds", "beside", "ratio", "bar", title="archive", title_justify="left")
    result: dict[str, Any] = {}

    def add(name: str, ours: float, other: float, bar: float) -> None:
        result[name] = {"seconds": ours, "beside": other, "ratio": ours / other, "bar": bar}
        verdict = "met" if ours / other <= bar else "missed"
        table.add_row(name, f"{ours:.2f}", f"{other:.2f}", f"{ours / other:.2f}", f"{bar:.2f} {verdict}")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        without, with_one = measure_applies(folder, options.completions, options.rounds)
        applies = (statistics.median(with_one), statistics.median(without))
        add(f"apply of {options.completions} with an archive / without", *applies, APPLY_BAR)
        small, large = folder / "small.db", folder / "large.db"
        fill(small, options.rows // 10)
        fill(large, options.rows)
        for command, pair in measure_reading(large, options.rounds).items():
            add(f"{command}, {options.rows:,} rows / the bare query", *pair, READ_BAR)
        for arguments in (("archive", "list"), ("cost",)):
            memory = [peak_megabytes(file, *arguments) for file in (large, small)]
            add(f"{' '.join(arguments)}: MB of {options.rows:,} rows / of a tenth", *memory, 1.1)
    Console().print(table)
    build = ROOT / "build" / "bench"
    build.mkdir(parents=True, exist_ok=True)
    (build / "archive.json").write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
