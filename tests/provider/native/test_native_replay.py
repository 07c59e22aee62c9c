"""The example deployed once with an archive, and replayed: the same outputs, no request to the host."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.provider.native.native_support import NativeWorkspace, workspace_of
from tests.support import ROOT, Served

from openai_constructs.archive import Archive
from openai_constructs.archive.export import json_lines
from openai_constructs.archive.query import Filter
from openai_constructs.emulator import Emulator

MAIN = (ROOT / "examples" / "chat_completion" / "main.py").read_text(encoding="utf-8")
ANSWER = ("id", "created", "model_used", "choices", "usage")
STORE = ("-var", "enable_chat_completions_store=true")
HOST = """
replies:
  - match: {message: quantum}
    answer: "Imagine a coin that spins: ünd 語 \\U0001F600\\n"
  - match: {message: "climate change?|can I do"}
    answer: Walk more.
  - match: {message: flight}
    answer: {tool_calls: [{name: search_flights, arguments: {departure_city: New York}}]}
  - answer: {content: "1. Plan 2. Apply 3. Sleep", finish_reason: stop}
"""


def synthesize(folder: Path, provider: str) -> Path:
    """The example with another provider block; the folder of its stack."""
    folder.mkdir()
    program = MAIN.replace('OpenaiProvider(self, "openai")', f'OpenaiProvider(self, "openai", {provider})')
    assert program != MAIN
    (folder / "main.py").write_text(migrated(program), encoding="utf-8")
    quiet = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    subprocess.run([sys.executable, "main.py"], cwd=folder, env=quiet, check=True, capture_output=True)
    return folder / "cdktf.out" / "stacks" / "chat_completion"


def answers(here: NativeWorkspace) -> dict[str, Any]:
    """All that the API said, by address."""
    root = here.shown()["values"]["root_module"]
    return {
        resource["address"]: {name: resource["values"][name] for name in ANSWER}
        for module in [root, *root["child_modules"]]
        for resource in module["resources"]
        if (resource["mode"], resource["type"]) == ("managed", "openai_chat_completion")
    }


def applied(folder: Path, served: Served, emulator: Emulator) -> tuple[str, dict[str, Any]]:
    """Outputs after an apply, as terraform prints them, and all answers."""
    here = workspace_of(folder, served, emulator)
    here.init()
    here.good(here.apply(*STORE))
    ran = here.good(here.run("output", "-json"))
    assert here.plan(*STORE).code == 0
    return ran.text, answers(here)


@pytest.mark.terraform
def test_the_example_is_replayed(tmp_path: Path, served: Served) -> None:
    """Outputs are equal byte for byte, ids and times included; the host hears nothing of the replay."""
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    replies = tmp_path / "host.yaml"
    replies.write_text(HOST, encoding="utf-8")
    export = tmp_path / "answers.jsonl"
    with Emulator(replies=replies) as host:
        live = synthesize(tmp_path / "live", f'native=True, archive="{address}"')
        outputs, said = applied(live, served, host)
        with Archive.open(address) as archive:
            export.write_text("".join(json_lines(archive, Filter())), encoding="utf-8")
        asked = len(host.requests())
        with Emulator(replay=export, replay_only=True) as recorded:
            replayed = synthesize(tmp_path / "replayed", "native=True")
            again = applied(replayed, served, recorded)
        assert len(host.requests()) == asked
    assert len(said) == 4
    assert "Imagine a coin" in str(said)
    assert again == (outputs, said)
