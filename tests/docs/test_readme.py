"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.engine import migrated
from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def test_the_first_program_is_the_example() -> None:
    """The program in the README is examples/hello/main.py."""
    assert block("python") == (ROOT / "examples/hello/main.py").read_text()


def test_the_json_is_what_it_writes(tmp_path: Path) -> None:
    """The program, run as it stands, writes the JSON that is shown."""
    (tmp_path / "main.py").write_text(migrated(block("python")))
    subprocess.run([sys.executable, "main.py"], cwd=tmp_path, check=True)
    made: dict[str, Any] = json.loads((tmp_path / "cdktf.out/stacks/hello/cdk.tf.json").read_text())
    shown = json.loads(block("json"))
    for kind, blocks in shown.items():
        for name, wanted in blocks.items():
            got = {argument: value for argument, value in made[kind][name].items() if argument != "//"}
            if "source" in got:
                got["source"] = re.sub(r"/[0-9a-f]{32}/", "/HASH/", got["source"])
            assert got == wanted


def test_links_lead_somewhere() -> None:
    """Every file that the pages link to exists."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
