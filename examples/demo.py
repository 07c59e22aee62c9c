"""The main job, offline: synthesize the example, apply it with the real terraform, and show the answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "build" / "demo"
GATE = ("-var", "enable_chat_completions_store=true")
console = Console(soft_wrap=True)


def local(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    """Run `openai-constructs local ...` in the demo's project; what it said."""
    command = [sys.executable, "-m", "openai_constructs", "local", *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode not in codes:
        sys.exit(f"$ openai-constructs local {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def step(title: str, *arguments: str) -> str:
    console.print(f"\n[bold]{title}[/]\n[dim]$ openai-constructs local {' '.join(arguments)}[/]")
    said = local(*arguments)
    for line in said.splitlines():
        if (
            line.startswith(("Apply complete", "No changes"))
            or "will be replaced" in line
            or "must be" in line
        ):
            console.print(f"  {line.strip(' #')}", highlight=False)
    return said


def show_outputs() -> None:
    table = Table("output", "value", show_lines=True)
    for name, output in json.loads(local("output", "-json")).items():
        table.add_row(name, readable(output["value"]))
    Console(width=110).print(table)


def readable(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)


def main() -> None:
    shutil.rmtree(PROJECT, ignore_errors=True)
    PROJECT.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "chat_completion" / "main.py", PROJECT)
    shutil.copy(ROOT / "examples" / "chat_completion" / "cdktf.json", PROJECT)

    step("Four completions, against the emulator", "apply")
    stack = PROJECT / ".openai-constructs/local/synthesized/stacks/chat_completion/cdk.tf.json"
    console.print(f"  the Terraform JSON is in {stack.relative_to(ROOT)}", highlight=False)
    show_outputs()
    step("A second plan is empty", "plan", "-detailed-exitcode")

    step("The same with the Chat Completions Store: three data sources", "apply", *GATE)
    show_outputs()
    step("Empty again", "plan", "-detailed-exitcode", *GATE)

    program = PROJECT / "main.py"
    program.write_text(program.read_text().replace("like I'm 10 years old", "in one sentence"))
    step("One prompt edited: that completion is replaced, and no other", "apply", *GATE)


if __name__ == "__main__":
    main()
