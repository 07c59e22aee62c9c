"""A machine that has Python, make and terraform, and no Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.engine import NAME
from tests.support import ROOT

pytestmark = [
    pytest.mark.costly,
    pytest.mark.terraform,
    pytest.mark.skipif(NAME != "cdktf", reason="its environment has the default engine"),
]
NODE = {"node", "nodejs", "npm", "npx", "corepack", "cdktf", "cdktn"}
OURS = ("src", "examples", "Makefile", "pyproject.toml", "README.md", "LICENSE", "cdktf.json")


def programs_without_node(folder: Path) -> Path:
    """Every program of the machine but Node and what comes with it."""
    folder.mkdir()
    environment = Path(sys.executable).parent
    for place in (Path(it) for it in os.environ["PATH"].split(os.pathsep)):
        if place == environment or "node_modules" in place.parts or not place.is_dir():
            continue
        for program in place.iterdir():
            link = folder / program.name
            if program.name not in NODE and not link.is_symlink() and not link.exists():
                link.symlink_to(program)
    return folder


def test_make_demo_brings_its_own_node(tmp_path: Path) -> None:
    """`make demo` installs the extra `node`, synthesizes and deploys."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in OURS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, clone / name)
    path = programs_without_node(tmp_path / "bin")
    assert shutil.which("node", path=path) is None
    kept = {name: it for name, it in os.environ.items() if not name.startswith(("JSII_", "COV", "MAKE"))}
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    done = subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=clone,
        env={**kept, "PATH": str(path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No changes" in done.stdout
    assert (clone / ".venv" / "bin" / "node").exists()
    assert not (clone / "node_modules").exists()
