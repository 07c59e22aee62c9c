"""The example with one changed line, applied by the native edition."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine import migrated
from tests.provider.native.native_support import NativeWorkspace, without_tag, workspace_of
from tests.support import ROOT, Served

from openai_constructs.emulator import Emulator

MAIN = (ROOT / "examples" / "chat_completion" / "main.py").read_text(encoding="utf-8")
STORED = "openai_chat_completion.stored_completion"
CHATS = 3

pytestmark = pytest.mark.terraform


@pytest.fixture
def synthesized(tmp_path: Path, served: Served, emulator: Emulator) -> Callable[..., NativeWorkspace]:
    """Synthesizes the example, natively and with other changes."""

    def synthesize(*changes: tuple[str, str], native: bool = True) -> NativeWorkspace:
        lines = [('OpenaiProvider(self, "openai")', 'OpenaiProvider(self, "openai", native=True)')]
        text = MAIN
        for before, after in [*(lines if native else []), *changes]:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / "main.py").write_text(migrated(text), encoding="utf-8")
        quiet = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
        subprocess.run([sys.executable, "main.py"], cwd=tmp_path, env=quiet, check=True, capture_output=True)
        folder = tmp_path / "cdktf.out" / "stacks" / "chat_completion"
        here = workspace_of(folder, served, emulator)
        here.init()
        return here

    return synthesize


def test_the_example(synthesized: Callable[..., NativeWorkspace]) -> None:
    """Applied, planned empty, edited, labelled, deleted behind its back, destroyed: each as it should be."""
    here = synthesized()
    store = ("-var", "enable_chat_completions_store=true")
    here.good(here.apply(*store))
    assert len([it for it in here.asked if it == "POST /v1/chat/completions"]) == CHATS + 1
    assert here.plan(*store).code == 0
    outputs = here.outputs()
    assert outputs["retrieved_assistant_response"] == outputs["immediate_assistant_response"]
    (listed,) = outputs["recent_completions_list"]
    stored = here.state(STORED)
    assert listed["id"] == stored["id"]

    edited = ("What are the top 3 benefits", "What are the top 5 benefits")
    here = synthesized(edited)
    before = len(here.asked)
    assert here.planned(*store)[STORED] == ["update"]
    here.good(here.apply(*store))
    assert here.asked[before:].count("POST /v1/chat/completions") == 1
    assert f"DELETE /v1/chat/completions/{stored['id']}" in here.asked
    assert here.plan(*store).code == 0
    made = here.state(STORED)["id"]

    labelled = ('"user_id": "example_user"', '"user_id": "somebody"')
    here = synthesized(edited, labelled)
    before = len(here.asked)
    assert here.planned(*store)[STORED] == ["update"]
    here.good(here.apply(*store))
    posted = [it for it in here.asked[before:] if it.startswith("POST")]
    assert posted == [f"POST /v1/chat/completions/{made}"]
    (kept,) = here.stored()
    assert without_tag(kept.metadata) == {"category": "terraform_info", "user_id": "somebody"}
    assert here.plan(*store).code == 0

    with here.sdk() as client:
        client.chat.completions.delete(made)
    assert "Not found in the Chat Completions Store" in here.plan()
    here.good(here.run("destroy", "-auto-approve", "-no-color"))
    assert f"DELETE /v1/chat/completions/{made}" in here.asked


def test_function_calling_with_both_providers(synthesized: Callable[..., NativeWorkspace]) -> None:
    """The same Python gives the same typed results: by functions with the one, by tools with the other."""
    more = (
        'function_call="auto",\n            temperature=0.2,\n        )',
        (
            'function_call="search_flights",\n            temperature=0.2,\n        )\n'
            '        called = self.node.find_child("function_calling_chat")\n'
            '        TerraformOutput(self, "called", value=[called.function_name, called.function_arguments])'
        ),
    )
    called = []
    for native in (False, True):
        here = synthesized(more, native=native)
        if native:
            (here.folder / "terraform.tfstate").unlink()
        here.good(here.apply())
        called.append(here.outputs()["called"])
        bodies = [it["body"] for it in here.requests if it["method"] == "POST"]
        assert any("tools" in it for it in bodies) == native
    assert called[0] == called[1]
    assert called[0][0] == "search_flights"
