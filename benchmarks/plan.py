"""CPU time of ``terraform plan`` with many completions: how it grows, and beside bare resources.

    python benchmarks/plan.py [--sizes 250 500 1000]

For each edition, N completions are applied, and then planned without a refresh and without a change. Bare
resources are the same ``openai_chat_completion`` blocks without the hash and the lifecycle that
``StoredCompletion`` adds. A fleet of N chats is one module with ``for_each``, and has no bare form. CPU is
user time of Terraform and of the provider that it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from openai_constructs.emulator import Emulator
from openai_constructs.provider.core.mirror import prepare

ROOT: Final = Path(__file__).resolve().parent.parent
DOUBLING: Final = 2.3
BESIDE_BARE: Final = 2.0
BARS_AT: Final = 500


def stored_completions(stack: Any, count: int) -> None:
    """Create as many stored completions."""
    from openai_constructs import StoredCompletion

    for index in range(count):
        StoredCompletion(stack, f"it{index}", model="gpt-4o", prompt=f"Question {index}")


def fleet(stack: Any, count: int) -> None:
    """Create one fleet of as many chats."""
    from openai_constructs import ChatFleet

    chats = {f"it{index}": f"Question {index}" for index in range(count)}
    ChatFleet(stack, "fleet", model="gpt-4o", chats=chats)


def synthesize(folder: Path, create: Callable[[Any, int], None], count: int, *, native: bool) -> Path:
    """The folder of a stack with as many completions."""
    from cdktf import App, LocalBackend, TerraformStack

    from openai_constructs import OpenaiProvider

    app = App(outdir=str(folder / "out"))
    stack = TerraformStack(app, "stack")
    LocalBackend(stack, path="terraform.tfstate")
    OpenaiProvider(stack, "openai", native=native)
    create(stack, count)
    app.synth()
    return folder / "out/stacks/stack"


def without_hashes(configured: dict[str, Any]) -> dict[str, Any]:
    """The same completions as bare resources."""
    completions = configured["resource"]["openai_chat_completion"]
    bare = {name: {**it, "lifecycle": {}} for name, it in completions.items()}
    return {**configured, "resource": {"openai_chat_completion": bare}}


def plan_seconds(folder: Path, environment: dict[str, str]) -> float:
    """User CPU of a plan without a change, after an apply."""
    run = {"cwd": folder, "env": environment, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["terraform", "init", "-input=false"], **run)
    subprocess.run(["terraform", "apply", "-auto-approve", "-input=false", "-parallelism=50"], **run)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(["terraform", "plan", "-refresh=false", "-detailed-exitcode"], **run)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def measure(
    sizes: list[int], create: Callable[[Any, int], None], *, native: bool
) -> dict[int, tuple[float, float | None]]:
    """Seconds of a plan by size: with our hashes, and as bare resources if there are any."""
    seconds = {}
    with tempfile.TemporaryDirectory() as top, Emulator() as emulator:
        environment = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(prepare(Path(top, "provider"))),
            "OPENAI_API_KEY": "sk-of-no-use",
            "OPENAI_API_URL": emulator.url,
            "OPENAI_BASE_URL": f"{emulator.url}/v1",
            "CHECKPOINT_DISABLE": "1",
        }
        for count in sizes:
            folder = Path(top, str(count))
            folder.mkdir()
            ours = synthesize(folder, create, count, native=native)
            bare = None
            if create is stored_completions:
                configured = json.loads((ours / "cdk.tf.json").read_text())
                (folder / "bare").mkdir()
                (folder / "bare/cdk.tf.json").write_text(json.dumps(without_hashes(configured)))
                bare = plan_seconds(folder / "bare", environment)
            seconds[count] = (plan_seconds(ours, environment), bare)
    return seconds


def main() -> None:
    """Measure both editions, print the figures, and say which bars are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 500, 1000])
    sizes = sorted(parser.parse_args().sizes)
    table = Table("", "N", "plan, s of CPU", "bare, s", "ratio", "a doubling", title_justify="left")
    for what, create, native in (
        ("stored, public", stored_completions, False),
        ("stored, native", stored_completions, True),
        ("fleet, native", fleet, True),
    ):
        seconds = measure(sizes, create, native=native)
        for count, (ours, bare) in seconds.items():
            half = seconds.get(count // 2)
            doubling = "-" if half is None else f"{ours / half[0]:.2f} (at most {DOUBLING})"
            bar = f" (at most {BESIDE_BARE})" if count == BARS_AT else ""
            beside = ("-", "-") if bare is None else (f"{bare:.2f}", f"{ours / bare:.2f}{bar}")
            table.add_row(what, str(count), f"{ours:.2f}", *beside, doubling)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
