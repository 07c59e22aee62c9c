"""Snapshots of stacks, in a pytest run of their own: what is written, what is compared, what is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from constructs import Construct
from tests.engine import NAME, cdk, migrated
from tests.support import run_pytest

from openai_constructs.testing.snapshots import _snapshot_of

PROGRAM = """
from cdktf import TerraformOutput, TerraformStack
from constructs import Construct
from openai_constructs import BasicChat, OpenaiProvider
from openai_constructs.testing import Template

class Team(Construct): pass
class Chats(TerraformStack): pass

def test_stack(tf_app, terraform_snapshot):
    stack = Chats(tf_app, "chats")
    OpenaiProvider(stack, "openai")
    BasicChat(Team(stack, "team"), "chat", model="gpt-4o", prompt="Hi é")
    assert stack == terraform_snapshot

def test_app(tf_app, terraform_snapshot):
    TerraformOutput(TerraformStack(tf_app, "one"), "o", value=1)
    assert tf_app == terraform_snapshot

def test_template(tf_stack, terraform_snapshot):
    TerraformOutput(tf_stack, "o", value="assets/it/0123456789abcdef0123456789ABCDEF/x")
    template = Template.from_stack(tf_stack)
    assert template == terraform_snapshot
    assert template.outputs == terraform_snapshot
    assert "text" == terraform_snapshot
"""


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "test_it.py"
        self.snapshots = folder / "__snapshots__" / "test_it"

    def pytest(self, *arguments: str, code: int = 0) -> str:
        return run_pytest(self.folder, *arguments, code=code)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, with the snapshots that its first run writes."""
    project = Project(tmp_path_factory.mktemp("written"))
    project.program.write_text(migrated(PROGRAM))
    project.pytest("--snapshot-update")
    return project.folder


@pytest.fixture
def project(written: Path, tmp_path: Path) -> Project:
    return Project(shutil.copytree(written, tmp_path, dirs_exist_ok=True))


@pytest.mark.engine
def test_what_is_written(project: Project) -> None:
    """The tree with the Python classes, and the JSON without hashes, comments and made-up paths."""
    files = {it.name for it in project.snapshots.iterdir()}
    assert files == {
        "test_stack.json",
        "test_app.json",
        "test_template.json",
        "test_template.1.json",
        "test_template.2.json",
    }
    written = (project.snapshots / "test_stack.json").read_text(encoding="utf-8")
    assert "Hi é" in written
    made = json.loads(written)
    assert made["constructs"] == {
        "openai (OpenaiProvider)": {},
        "openai_constructs (TerraformAsset)": {},
        "team (Team)": {"chat (BasicChat)": {}},
    }
    (call,) = made["terraform"]["module"].values()
    assert call["source"] == "./assets/openai_constructs/HASH/chat_completion"
    assert made["terraform"]["terraform"].keys() == {"required_providers"}
    assert json.loads((project.snapshots / "test_app.json").read_text()) == {
        "format": 1,
        "constructs": {"one (TerraformStack)": {"o (TerraformOutput)": {}}},
        "stacks": {"one": {"output": {"o": {"value": 1}}}},
    }
    assert json.loads((project.snapshots / "test_template.json").read_text()) == {
        "format": 1,
        "terraform": {"output": {"o": {"value": "assets/it/HASH/x"}}},
    }
    assert "3 passed" in project.pytest("-n", "2", "--snapshot-details")


def test_a_change_is_shown(project: Project) -> None:
    """The lines that differ, and nothing of formats."""
    project.program.write_text(migrated(PROGRAM).replace("gpt-4o", "gpt-4.1"))
    said = project.pytest("-vv", code=1)
    assert '-         "model": "gpt-4o",' in said
    assert '+         "model": "gpt-4.1",' in said
    assert "format" not in said.replace('"format": 1', "")


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ('"format": 1', "format 0"),
        pytest.param('"format": 1,\n', "no format of this kit", marks=pytest.mark.costly),
    ],
)
def test_another_format(project: Project, before: str, found: str) -> None:
    """It is said before the difference what it comes from and what to do."""
    file = project.snapshots / "test_stack.json"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, '"format": 0' if found == "format 0" else ""))
    said = project.pytest("-vv", code=1)
    assert (
        f"The snapshot has {found}, and this release writes format 1. Rewrite it with "
        "`pytest --snapshot-update`, and review the changes."
    ) in said
    project.pytest("--snapshot-update")
    project.pytest()


def test_a_broken_stack(project: Project) -> None:
    """A stack that does not synthesize is no snapshot, and the reason is told."""
    made = '    OpenaiProvider(stack, "openai")\n'
    breaks = f"    from {NAME} import Annotations\n    Annotations.of(stack).add_error('is broken')\n"
    project.program.write_text(migrated(PROGRAM).replace(made, made + breaks))
    assert "[chats] is broken" in project.pytest("-vv", code=1)


@pytest.mark.engine
def test_parts_that_the_engine_gives_an_asset(tmp_path: Path) -> None:
    """They are another release's business: cdktn 0.25 puts a `Staging` below each asset."""
    (tmp_path / "file").write_text("it")
    stack = cdk.TerraformStack(cdk.App(outdir=str(tmp_path / "out")), "one")
    asset = cdk.TerraformAsset(stack, "it", path=str(tmp_path / "file"))
    before = _snapshot_of(stack)
    if asset.node.try_find_child("Staging") is None:
        Construct(asset, "Staging")
    assert _snapshot_of(stack) == before
    assert before["constructs"] == {"it (TerraformAsset)": {}}
