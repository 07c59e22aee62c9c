"""`openai-constructs models`: which models, until when, and where."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from openai_constructs import cli
from openai_constructs.schema import NATIVE

CALL = {"source": "./assets/chat", "messages": [{"role": "user", "content": "p"}]}
STACK = {
    "terraform": {"required_providers": {"openai": {"source": NATIVE.source}}},
    "module": {
        "a": {**CALL, "model": "gpt-4o"},
        "b": {**CALL, "model": "gpt-6-luna", "fallback_models": ["gpt-4o", "mine"]},
        "c": {**CALL, "model": "${var.model}"},
    },
    "resource": {
        "openai_chat_completion": {"d": {"model": "o3", "messages": [{"role": "user", "content": "p"}]}}
    },
}
APP = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDKTF_OUTDIR"])
(out / "stacks" / "s").mkdir(parents=True)
(out / "stacks" / "s" / "cdk.tf.json").write_text({stack!r})
stacks = {{"s": {{"workingDirectory": "stacks/s", "dependencies": [], "annotations": []}}}}
(out / "manifest.json").write_text(json.dumps({{"stacks": stacks}}))
"""


def project(folder: Path, stack: object) -> Path:
    (folder / "cdktf.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    (folder / "app.py").write_text(APP.format(stack=json.dumps(stack)))
    return folder


def run(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(cli.main, ["models", "--project", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_models_as_json(tmp_path: Path) -> None:
    """Each model once: date, successor, and every chat, those first that end first."""
    found = json.loads(run(project(tmp_path, STACK), "--json"))
    assert [(it["model"], it["shutdown_date"], it["successor"]) for it in found] == [
        ("o3", "2026-12-11", None),
        ("gpt-4o", "2027-01-14", "gpt-6-luna"),
        ("${var.model}", None, None),
        ("gpt-6-luna", None, None),
        ("mine", None, None),
    ]
    assert [it["used_by"] for it in found] == [
        ["s/openai_chat_completion.d"],
        ["s/module.a", "s/module.b"],
        ["s/module.c"],
        ["s/module.b"],
        ["s/module.b"],
    ]
    assert not (tmp_path / ".openai-constructs").exists()


def test_models_as_a_table(tmp_path: Path) -> None:
    """A row for each chat; the model stands in its first one."""
    lines = run(project(tmp_path, STACK)).splitlines()
    assert [it.split() for it in lines[:4]] == [
        ["model", "shutdown", "successor", "used", "by"],
        ["o3", "2026-12-11", "-", "s/openai_chat_completion.d"],
        ["gpt-4o", "2027-01-14", "gpt-6-luna", "s/module.a"],
        ["s/module.b"],
    ]


@pytest.mark.parametrize(("option", "expected"), [("", "The stacks use no models.\n"), ("--json", "[]\n")])
def test_no_models(tmp_path: Path, option: str, expected: str) -> None:
    """A project without chats has none."""
    assert run(project(tmp_path, {}), *option.split()) == expected
