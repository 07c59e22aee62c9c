"""One library, two engines: the same JSON, the same types, and no mixing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT

from openai_constructs.cdk.engine import ENGINES

both = pytest.mark.skipif(
    not all(map(find_spec, ENGINES)), reason="this environment is for one engine; another has both"
)
EXAMPLES = sorted(it.parent.name for it in (ROOT / "examples").glob("*/main.py"))


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: it for name, it in os.environ.items() if not name.startswith("OPENAI_CONSTRUCTS")}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )


def synthesized(example: str, engine: str, folder: Path) -> dict[str, Any]:
    """The files an example writes under an engine, after the one change that the migration asks for."""
    folder.mkdir()
    program = (ROOT / "examples" / example / "main.py").read_text(encoding="utf-8")
    assert program.count("from cdktf import") == 1
    done = run(program.replace("from cdktf import", f"from {engine} import"), folder)
    assert done.returncode == 0, done.stderr
    out = folder / "cdktf.out"
    files: dict[str, Any] = {
        str(it.relative_to(out)): it.read_text(encoding="utf-8") for it in out.rglob("*") if it.is_file()
    }
    for name in [it for it in files if it.endswith(".json")]:
        files[name] = json.loads(files[name])
    stack = files[f"stacks/{example}/cdk.tf.json"]
    # What is the engine's own: its version, the traces of its code, and the folder its default backend is in.
    del stack["//"]["metadata"]["version"], files["manifest.json"]["version"]
    for annotation in files["manifest.json"]["stacks"][example]["annotations"]:
        annotation.pop("stacktrace", None)
    path = stack["terraform"]["backend"]["local"]["path"]
    stack["terraform"]["backend"]["local"]["path"] = Path(path).name
    return files


@both
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_engines_write_the_same(tmp_path: Path, example: str) -> None:
    """Each example under each engine, in one environment: the same files, parsed."""
    first, second = (synthesized(example, engine, tmp_path / engine) for engine in ENGINES)
    assert first == second
    assert len(first) > 1


@both
@pytest.mark.parametrize("engine", ENGINES)
def test_the_imported_engine_is_used(tmp_path: Path, engine: str) -> None:
    """Whichever the program imports first, and not the other one beside it."""
    other = next(it for it in ENGINES if it != engine)
    code = f"import sys, {engine}, openai_constructs\nopenai_constructs.BasicChat\n"
    assert run(f"{code}print({other!r} in sys.modules)", tmp_path).stdout.strip() == "False"


@both
@pytest.mark.parametrize("engine", ENGINES)
def test_an_app_of_the_other_engine_is_refused(tmp_path: Path, engine: str) -> None:
    """At the first construct, with what to do; not at synthesis, with what broke."""
    other = next(it for it in ENGINES if it != engine)
    code = f"""
import {engine}
from openai_constructs import OpenaiProvider
import {other} as other
OpenaiProvider(other.TerraformStack(other.App(), "stack"), "openai")
"""
    done = run(code, tmp_path)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert f"must be in an app of {engine}, the engine in use" in last
    assert "set OPENAI_CONSTRUCTS_ENGINE to the app's before importing" in last


@pytest.mark.costly
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(
    "checker", [("mypy", "--strict"), ("pyright", "--pythonpath", sys.executable)], ids=["mypy", "pyright"]
)
def test_typing_is_good_for_either(tmp_path: Path, checker: tuple[str, ...], alone: bool) -> None:
    """What users write for cdktn passes the checkers, with cdktf beside it or not; `make check` has cdktf."""
    if alone is (find_spec("cdktf") is not None):
        pytest.skip("another environment has the engine alone" if alone else "another environment has both")
    program = (ROOT / "tests" / "typing" / "api.py").read_text(encoding="utf-8")
    (tmp_path / "api.py").write_text(program.replace("from cdktf import", "from cdktn import"))
    command = [shutil.which(checker[0], path=Path(sys.executable).parent), *checker[1:], "api.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
