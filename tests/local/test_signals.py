"""Signals to a local run: terraform is interrupted in good order, and holds the lock until it has ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.local.conftest import Project

APP = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDKTF_OUTDIR"])
for name in ("a", "b"):
    (out / "stacks" / name).mkdir(parents=True)
    (out / "stacks" / name / "cdk.tf.json").write_text("{}")
stacks = {name: {"workingDirectory": f"stacks/{name}"} for name in ("a", "b")}
(out / "manifest.json").write_text(json.dumps({"stacks": stacks}))
"""
TERRAFORM = f"""#!{sys.executable}
import pathlib, signal, sys, time
if sys.argv[1] == "init":
    raise SystemExit
noted = pathlib.Path("noted")
def note(number, _):
    with noted.open("a") as file:
        file.write(f"{{signal.Signals(number).name}}\\n")
    if number == signal.SIGINT:
        sys.exit(1)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, note)
noted.write_text("ready\\n")
end = time.monotonic() + float(sys.argv[-1].removeprefix("-seconds="))
while time.monotonic() < end:
    time.sleep(0.05)
"""


class Running:
    """A local apply whose terraform takes a while."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.stacks = folder / ".openai-constructs/local/stacks"
        command = [sys.executable, "-m", "openai_constructs", "local", "apply", f"-seconds={seconds}"]
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.noted("a") and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.noted("a") == ["ready"]

    def noted(self, stack: str) -> list[str]:
        file = self.stacks / stack / "noted"
        return file.read_text().split() if file.exists() else []

    def ended(self) -> int:
        return self.process.wait(timeout=60)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Running]:
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "terraform").write_text(TERRAFORM)
    (tmp_path / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    return lambda seconds: Running(tmp_path, seconds)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_command_alone(running: Callable[[float], Running], number: signal.Signals) -> None:
    """Terraform is interrupted, once; the command waits for it, and runs no other stack."""
    run = running(30)
    run.process.send_signal(number)
    assert run.ended() == 128 + number
    assert run.noted("a") == ["ready", "SIGINT"]
    assert run.noted("b") == []


def test_a_signal_to_the_group_too(running: Callable[[float], Running]) -> None:
    """A signal that comes twice went to terraform as well: it is not interrupted again."""
    run = running(3)
    run.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    run.process.send_signal(signal.SIGTERM)
    assert run.ended() == 128 + signal.SIGTERM
    assert run.noted("a") == ["ready"]
    assert run.noted("b") == []


def test_killed(running: Callable[[float], Running], tmp_path: Path) -> None:
    """A terraform that outlives the command holds the lock: the next run says so, and later goes on."""
    run = running(6)
    run.process.kill()
    run.ended()
    command = [sys.executable, "-m", "openai_constructs", "local", "plan", "-seconds=0"]
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "Another run is in" in refused.stderr
    deadline = time.monotonic() + 60
    while (done := subprocess.run(command, cwd=tmp_path, capture_output=True)).returncode:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert done.returncode == 0


@pytest.mark.terraform
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_next_run_goes_on(project: Callable[[str], Project], number: signal.Signals) -> None:
    """After a signal in the middle of an apply no process is left, and the state is whole and unlocked."""
    here = project("hello")
    (here.folder / "slow.yaml").write_text("replies:\n  - delay: 3\n")
    command = [sys.executable, "-m", "openai_constructs", "local", "apply", "--replies", "slow.yaml"]
    with subprocess.Popen(
        command, cwd=here.folder, env=here.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "openai_chat_completion" in line and "Creating..." in line:
                running.send_signal(number)
                break
        rest = running.stdout.read()  # until terraform has ended as well
    assert running.returncode == (128 + number if number == signal.SIGTERM else -number)
    assert ("Creation complete" in rest) is (number == signal.SIGTERM)
    here.local("apply")
    assert "No changes" in here.local("plan", "-detailed-exitcode")
