"""Synthesize the example through the real cdktf CLI, and say where the JSON is and what is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LABELS = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1}


def addresses(kind: str, blocks: dict[str, Any]) -> list[tuple[str, Any]]:
    found = [(kind, blocks)]
    for _ in range(LABELS[kind]):
        found = [(f"{path}.{label}", it) for path, inner in found for label, it in inner.items()]
    return found


def gist(address: str, block: dict[str, Any]) -> str:
    if "value" in block:
        return str(block["value"])
    if "messages" in block and isinstance(block["messages"], list):
        last = block["messages"][-1]["content"]
        return f"{block['model']}: {last if len(last) < 60 else last[:57] + '...'}"
    return ", ".join(name for name in block if name != "//")


def main() -> int:
    done = subprocess.run(["cdktf", "synth"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        return done.returncode
    for file in sorted((ROOT / "cdktf.out" / "stacks").glob("*/cdk.tf.json")):
        print(f"\n{os.path.relpath(file)}\n")
        blocks = json.loads(file.read_text(encoding="utf-8"))
        for kind in ("module", "resource", "data", "variable", "output"):
            for address, block in addresses(kind, blocks.get(kind, {})):
                print(f"  {address:<66}{gist(address, block)}")
    for line in done.stdout.splitlines():
        if "WARN" in line:
            print(f"\n{line[line.index('WARN') :].strip()}", end="")
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
