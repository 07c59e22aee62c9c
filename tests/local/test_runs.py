"""Local runs: the same verbs as terraform, in a world of their own."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.engine import NAME
from tests.local.conftest import REAL_KEY, Project
from tests.support import ROOT

pytestmark = pytest.mark.terraform

Make = Callable[[str], Project]
GATE = ("-var", "enable_chat_completions_store=true")

TWO_STACKS = """
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable, S3Backend
from openai_constructs import BasicChat, OpenaiProvider, StoredCompletion

app = App()
first, second = TerraformStack(app, "z_first"), TerraformStack(app, "a_second")
for stack in (first, second):
    S3Backend(stack, bucket="nobody", key=f"{stack}", region="eu-west-1")
    key = TerraformVariable(stack, "key", type="string", sensitive=True)
    OpenaiProvider(stack, "openai", api_key=key, api_url="https://unreachable.invalid", organization="org-1")
stored = StoredCompletion(first, "stored", model="gpt-4o", prompt="one ${literal}")
chat = BasicChat(second, "chat", model="gpt-4o", prompt=f"Go on from: {stored.content}")
TerraformOutput(second, "answer", value=chat.content)
app.synth()
"""


def posts(project: Project) -> int:
    """How many stored completions the emulator has."""
    with closing(sqlite3.connect(project.world / "store.db")) as store:
        (tables,) = store.execute(
            "select group_concat(name) from sqlite_master where type = 'table'"
        ).fetchone()
        name = next(it for it in tables.split(",") if "completion" in it)
        return int(store.execute(f"select count(*) from {name}").fetchone()[0])


@pytest.mark.costly
def test_the_example(project: Make) -> None:
    """Applied, planned empty, with the store and without, edited, destroyed; the user's files untouched."""
    it = project("chat_completion")
    before = it.files()
    assert "Resources: 8 added, 0 changed, 0 destroyed." in it.local("apply")
    outputs = it.outputs()
    assert "What are the top 3 benefits of using Terraform?" in str(outputs["immediate_assistant_response"])
    assert outputs["retrieved_assistant_response"] == outputs["immediate_assistant_response"]
    assert outputs["recent_completions_list"] == []
    assert "No changes" in it.local("plan", "-detailed-exitcode")

    assert "Resources: 0 added, 0 changed, 0 destroyed." in it.local("apply", *GATE)
    (recent,) = it.outputs()["recent_completions_list"]  # type: ignore[misc]
    assert recent["usage"] == it.outputs()["token_usage"]
    assert "No changes" in it.local("plan", "-detailed-exitcode", *GATE)

    it.edit("like I'm 10 years old", "in one ${sentence}")
    plan = it.local("plan", "-detailed-exitcode", *GATE, code=2)
    assert plan.count("will be replaced") == 1
    assert "module.basic_chat.openai_chat_completion.this will be replaced" in plan
    assert "Resources: 1 added, 1 changed, 1 destroyed." in it.local("apply", *GATE)
    assert "No changes" in it.local("plan", "-detailed-exitcode", *GATE)
    assert "Resources: 8 destroyed." in it.local("destroy")
    assert it.files() == before
    assert posts(it) == 1


@pytest.mark.costly
@pytest.mark.engine
def test_the_first_example(project: Make) -> None:
    """The README's program: applied, planned empty, edited, destroyed."""
    it = project("hello")
    it.local("apply")
    assert "Say hello to Terraform." in str(it.outputs()["answer"])
    assert "No changes" in it.local("plan", "-detailed-exitcode")
    it.edit("Say hello", "Say ${goodbye}")
    assert "Resources: 1 added, 1 changed, 1 destroyed." in it.local("apply")
    assert "Say ${goodbye} to Terraform." in str(it.outputs()["answer"])
    assert "No changes" in it.local("plan", "-detailed-exitcode")
    assert "Resources: 2 destroyed." in it.local("destroy")


def test_stacks_in_order(project: Make) -> None:
    """A stack that reads another comes after it, through local state; backends and keys are ours."""
    it = project(TWO_STACKS)
    said = it.local("apply", "a_second", TF_VAR_key=REAL_KEY)
    assert said.index("z_first: apply") < said.index("a_second: apply")
    state = (it.world / "stacks/a_second/terraform.tfstate").read_text()
    assert "Go on from: Emulated answer" in state
    assert "No changes" in it.local("plan", "-detailed-exitcode")
    destroyed = it.local("destroy")
    assert destroyed.index("a_second: destroy") < destroyed.index("z_first: destroy")
    assert it.files() == {"main.py", "cdktf.json"}
    for file in it.world.rglob("*"):
        if file.is_file():
            assert REAL_KEY.encode() not in file.read_bytes(), file


def test_private(project: Make) -> None:
    """What holds prompts is private, and the folder is kept out of git."""
    it = project("hello")
    it.local("apply")
    assert stat.S_IMODE(it.world.stat().st_mode) == 0o700
    for name in ("stacks/hello/cdk.tf.json", "store.db"):
        assert stat.S_IMODE((it.world / name).stat().st_mode) == 0o600
    assert (it.world.parent / ".gitignore").read_text() == "*\n"


@pytest.mark.costly
def test_faults_are_passed_to_the_emulator(project: Make) -> None:
    """--fail makes the API fail; nothing is lost, and the next apply completes."""
    it = project("hello")
    failed = it.local("apply", "--fail", "500:1.0", code=1)
    assert "The server had an error while processing your request" in failed
    assert "Resources: 1 added, 0 changed, 0 destroyed." in it.local("apply")
    assert "No changes" in it.local("plan", "-detailed-exitcode")


def test_an_interrupted_apply_goes_on(project: Make) -> None:
    """Killed in the middle, the state is whole and the next apply completes."""
    it = project("chat_completion")
    it.local("init")
    command = [sys.executable, "-m", "openai_constructs", "local", "apply"]
    running = subprocess.Popen(
        command,
        cwd=it.folder,
        env=it.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    state = it.world / "stacks" / "chat_completion" / "terraform.tfstate"
    deadline = time.monotonic() + 60
    while not state.exists() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    it.local("apply")
    assert "No changes" in it.local("plan", "-detailed-exitcode")


def test_ctrl_c_ends_in_good_order(project: Make) -> None:
    """An interrupt lets terraform finish what it has begun; the next apply goes on from there."""
    it = project("chat_completion")
    (it.folder / "slow.yaml").write_text("replies:\n  - delay: 2\n")
    it.local("init")
    command = [sys.executable, "-m", "openai_constructs", "local", "apply", "--replies", "slow.yaml"]
    with subprocess.Popen(
        command, cwd=it.folder, env=it.env, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "openai_chat_completion" in line and "Creating..." in line:
                os.killpg(running.pid, signal.SIGINT)
                break
        said += running.stdout.read()
    assert running.returncode == 1
    assert "Gracefully shutting down" in said
    assert "Creation complete" in said
    it.local("apply")
    assert "No changes" in it.local("plan", "-detailed-exitcode")


@pytest.mark.cli
def test_cdktf_deploy(project: Make) -> None:
    """With the exports of `local env` and an emulator, `cdktf deploy` itself deploys offline."""
    it = project("hello")
    made = 'OpenaiProvider(stack, "openai")'
    it.edit(made, f'import {NAME}; {NAME}.LocalBackend(stack, path="terraform.tfstate"); {made}')
    command = [sys.executable, "-m", "openai_constructs", "emulator", "--port", "0"]
    with subprocess.Popen(command, cwd=it.folder, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        url = emulator.stdout.readline().split()[2]
        exports = it.local("env", "--url", url)
        own = dict(line.removeprefix("export ").split("=", 1) for line in exports.splitlines())
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            [ROOT / "node_modules/.bin/cdktf", "deploy", "--auto-approve", "--skip-provider-lock"],
            cwd=it.folder,
            env={**it.env, **own, "PATH": path, "CI": "1"},
            capture_output=True,
            text=True,
        )
        emulator.terminate()
    assert emulator.returncode == 0
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Emulated answer" in done.stdout


TWO_REGIONS = """
from cdktf import App, TerraformStack
from openai_constructs import BasicChat, OpenaiProvider

app = App()
for name, native in {"public": False, "own": True}.items():
    stack = TerraformStack(app, name)
    OpenaiProvider(stack, "openai", native=native)
    BasicChat(stack, "a", model="gpt-4o", prompt="a")
    eu = OpenaiProvider(stack, "eu", alias="eu", native=native)
    BasicChat(stack, "b", model="gpt-4o", prompt="b", provider=eu)
app.synth()
"""


@pytest.mark.parametrize(
    "is_in_process",
    [pytest.param(True, id="in process"), pytest.param(False, id="processes", marks=pytest.mark.costly)],
)
def test_the_openai_package_is_not_imported(project: Make, tmp_path: Path, is_in_process: bool) -> None:
    """Neither by the command nor by a provider of either edition. The home folder need not be writable."""
    (tmp_path / "blocked/openai").mkdir(parents=True)
    (tmp_path / "blocked/openai/__init__.py").write_text("raise ImportError('openai is imported')\n")
    it = project(TWO_REGIONS)
    if is_in_process:
        lines = it.program.read_text().splitlines()
        it.program.write_text("\n".join(line for line in lines if "eu" not in line))
    said = it.local("apply", PYTHONPATH=str(tmp_path / "blocked"), HOME="/proc")
    assert said.count("Apply complete!") == 2
