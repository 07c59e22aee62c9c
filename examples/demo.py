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
LABELS = {"module": 1, "resource": 2, "data": 2, "variable": 1, "output": 1}
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


def show_answers() -> None:
    """What the model said in each completion, outputs or not."""
    root = json.loads(local("show", "-json"))["values"]["root_module"]
    found = [it for module in [root, *root.get("child_modules", [])] for it in module["resources"]]
    table = Table("completion", "asked", "answered", show_lines=True)
    for it in found:
        if it["type"] == "openai_chat_completion" and it["mode"] == "managed":
            values = it["values"]
            message = values["choices"][0]["message"][0]
            calls = [f"{call['name']}({call['arguments']})" for call in message["function_call"]]
            address = it["address"].removesuffix(".openai_chat_completion.this")
            said = " ".join([message["content"], *calls]).strip()
            table.add_row(address, values["messages"][-1]["content"], said)
    Console(width=140).print(table)


def show_cost() -> None:
    """What the completions in the state would have cost, had a model been asked."""
    console.print("\n[bold]What it would cost live[/]")
    console.print("[dim]$ openai-constructs local show -json | openai-constructs cost -[/]")
    command = [sys.executable, "-m", "openai_constructs", "cost", "-"]
    done = subprocess.run(command, input=local("show", "-json"), capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    for line in done.stdout.splitlines():
        console.print(f"  {line}", highlight=False)


def readable(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)


def addresses(kind: str, blocks: dict[str, Any]) -> list[tuple[str, Any]]:
    found = [(kind, blocks)]
    for _ in range(LABELS[kind]):
        found = [(f"{path}.{label}", it) for path, inner in found for label, it in inner.items()]
    return found


def gist(block: dict[str, Any]) -> str:
    if "value" in block:
        return str(block["value"])
    if isinstance(block.get("messages"), list):
        return f"{block['model']}: {block['messages'][-1]['content']}"
    return ", ".join(name for name in block if name != "//")


def synthesize() -> None:
    """Through the cdktf CLI where it is installed, else by running the program."""
    command = ["cdktf", "synth"] if shutil.which("cdktf") else [sys.executable, "main.py"]
    console.print(f"[bold]The Terraform JSON[/]\n[dim]$ {' '.join(command)}[/]")
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    file = PROJECT / "cdktf.out/stacks/chat_completion/cdk.tf.json"
    console.print(f"  {file.relative_to(ROOT)}\n", highlight=False)
    blocks = json.loads(file.read_text(encoding="utf-8"))
    table = Table(box=None)
    table.add_column("block", no_wrap=True)
    table.add_column("what is in it", overflow="fold")
    for kind in LABELS:
        for address, block in addresses(kind, blocks.get(kind, {})):
            table.add_row(address, gist(block))
    Console(width=140).print(table)


def main() -> None:
    shutil.rmtree(PROJECT, ignore_errors=True)
    PROJECT.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "chat_completion" / "main.py", PROJECT)
    shutil.copy(ROOT / "examples" / "chat_completion" / "cdktf.json", PROJECT)

    synthesize()
    step("Four completions, against the emulator", "apply")
    show_answers()
    show_outputs()
    step("A second plan is empty", "plan", "-detailed-exitcode")

    step("The same with the Chat Completions Store: three data sources", "apply", *GATE)
    show_outputs()
    step("Empty again", "plan", "-detailed-exitcode", *GATE)

    program = PROJECT / "main.py"
    program.write_text(program.read_text().replace("like I'm 10 years old", "in one sentence"))
    step("One prompt edited: that completion is replaced, and no other", "apply", *GATE)
    show_cost()


if __name__ == "__main__":
    main()
