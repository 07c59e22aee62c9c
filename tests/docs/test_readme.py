"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.engine import migrated
from tests.support import ROOT

from openai_constructs.testing import Template

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
    text = (tmp_path / "cdktf.out/stacks/hello/cdk.tf.json").read_text()
    made = Template.from_json(re.sub(r"/[0-9a-f]{32}/", "/HASH/", text))
    shown = json.loads(block("json"))
    made.has_module("hello", shown["module"]["hello"], exact=True)
    made.has_output("answer", shown["output"]["answer"], exact=True)
    assert [(kind, list(blocks)) for kind, blocks in shown.items()] == [
        ("module", ["hello"]),
        ("output", ["answer"]),
    ]


def test_links_lead_somewhere() -> None:
    """Every file that the pages link to exists."""
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
