"""The environment of the second engine: the packages of the first one but those that are left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support import ROOT

PROBE = """
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
print(sys.prefix, version("pytest"), find_spec("yaml").name)
print(find_spec("click"))
try:
    version("click")
except PackageNotFoundError:
    print("not installed")
"""


def test_a_package_that_is_left_out_is_not_there(tmp_path: Path) -> None:
    """It can neither be imported nor found in the metadata; all others and their commands are there."""
    tool = ROOT / "tools" / "linked_environment.py"
    folder = tmp_path / "environment"
    for _ in range(2):  # the second one replaces the first
        subprocess.run([sys.executable, tool, folder, "--without", "click"], check=True)
    run = subprocess.run([folder / "bin" / "python", "-c", PROBE], capture_output=True, text=True, check=True)
    first, *rest = run.stdout.splitlines()
    assert first.split()[0] == str(folder)
    assert first.split()[2] == "yaml"
    assert rest == ["None", "not installed"]
    command = [folder / "bin" / "pytest", "--version"]
    assert "pytest" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert not (folder / "bin" / "click").exists()
