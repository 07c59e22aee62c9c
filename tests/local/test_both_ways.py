"""Terraform with the provider of the running process, and with provider processes: the same each time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.engine import App, TerraformOutput, TerraformStack

from openai_constructs import BasicChat, CompletionLookup, CompletionsQuery, OpenaiProvider, StoredCompletion
from openai_constructs.local.configurations import has_one_provider_block
from openai_constructs.local.world import World
from openai_constructs.provider.core import in_process
from openai_constructs.testing.local_run import _Tree

_CHANGING = re.compile(
    r"chatcmpl-[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|127\.0\.0\.1:\d+|\d{10,}|\d+s\b"
)


def compat(app: App, prompt: str) -> None:
    stack = TerraformStack(app, "stack")
    OpenaiProvider(stack, "openai")
    chat = BasicChat(stack, "chat", model="gpt-4o", prompt=prompt)
    stored = StoredCompletion(stack, "stored", model="gpt-4o", prompt="Hi", metadata={"a": "b"})
    lookup = CompletionLookup(
        stack,
        "lookup",
        completion=stored,
        enable_chat_completions_store=True,
        recent=CompletionsQuery(limit=1),
    )
    TerraformOutput(stack, "answer", value=chat.content)
    TerraformOutput(stack, "found", value=lookup.content)


def native(app: App, prompt: str) -> None:
    stack = TerraformStack(app, "stack")
    OpenaiProvider(stack, "openai", native=True, max_retries=0)
    BasicChat(stack, "chat", model="gpt-4o", prompt=prompt, seed=0)
    for name in ("one", "two"):
        StoredCompletion(stack, name, model="gpt-4o", prompt=prompt, metadata={"same": "label"})


def outcome(app: App, folder: Path, verb: str, fail: str | None) -> str:
    """What a verb reports and requests, and the state after it, without what no two runs have in common."""
    with World(_Tree(folder, app), fail=fail).running() as run:
        (stack,) = run.take(run.synthesized)
        events = stack.events(verb, ["-parallelism=1"])
        told = [(it["type"], it["@message"]) for it in events if it["type"] != "version"]
        told += [it["diagnostic"] for it in events if it["type"] == "diagnostic"]
        told += [it["change"] for it in events if it["type"] == "planned_change"]
        state = json.loads((stack.folder / "terraform.tfstate").read_text())
        # Terraform walks through what is independent in any order.
        result = [ordered(told), ordered(run.emulator.requests()), state["resources"], state["outputs"]]
    return _CHANGING.sub("_", json.dumps(result, indent=1, sort_keys=True))


def ordered(items: list[Any]) -> list[str]:
    return sorted(_CHANGING.sub("_", json.dumps(it, sort_keys=True)) for it in items)


@contextmanager
def no_socket(*_: Any) -> Iterator[str]:
    raise OSError("No socket can be made")
    yield ""


@pytest.mark.costly
@pytest.mark.terraform
@pytest.mark.parametrize(
    ("program", "expected"),
    [(compat, {"error", "warning"}), (native, {"error"})],
    ids=["compat", "native"],
)
def test_both_ways_are_the_same(
    program: Callable[[App, str], None],
    expected: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Failures, creations, edits and a destruction have the same diagnostics, plans, requests and states."""
    serve, served = in_process.serve_in_process, []
    severities: set[str] = set()

    @contextmanager
    def noted(*arguments: Any) -> Iterator[str]:
        with serve(*arguments) as reattach:
            served.append(reattach)
            yield reattach

    for step, (verb, prompt, fail) in enumerate(
        [
            ("apply", "Hello", "500:1.0"),
            ("apply", "Hello", None),
            ("plan", "Hello", None),
            ("apply", "Goodbye", "429:1.0"),
            ("plan", "Goodbye", "500:1.0"),
            ("destroy", "Goodbye", None),
        ]
    ):
        outcomes = []
        for name, server in {"in": noted, "of": no_socket}.items():
            monkeypatch.setattr(in_process, "serve_in_process", server)
            app = App(outdir=str(tmp_path / "out"))
            program(app, prompt)
            outcomes.append(outcome(app, tmp_path / name, verb, fail))
        assert outcomes[0] == outcomes[1], step
        severities |= {it for it in ("error", "warning") if rf"\"severity\": \"{it}\"" in outcomes[0]}
    assert len(served) == 6
    assert severities == expected


@pytest.mark.parametrize(
    ("files", "is_one"),
    [
        ({"cdk.tf.json": '{"provider": {"openai": [{}], "aws": [{}, {"alias": "b"}]}}'}, True),
        ({"cdk.tf.json": '{"provider": {"openai": {}}}'}, True),
        ({"cdk.tf.json": "{}"}, True),
        ({"cdk.tf.json": '{"provider": {"openai": [{}, {"alias": "eu"}]}}'}, False),
        ({"main.tf": 'provider "openai" {}\n# more\n  provider "openai" {\n alias = "b"\n}'}, False),
        ({"cdk.tf.json": '{"provider": {"openai": [{}]}}', "m/x.tf": 'provider "ai" {\n}'}, False),
        ({"cdk.tf.json": '{"provider": {"openai": [{}]}}', "m/x.tf.json": '{"provider": {"ai": {}}}'}, False),
        ({"cdk.tf.json": '{"provider": {"openai": [{}]}}', "m/x.tf": 'module "y" {}'}, True),
    ],
)
def test_which_stacks_share_one_provider(tmp_path: Path, files: dict[str, str], is_one: bool) -> None:
    """Those with one provider block at most, the modules that terraform installed included."""
    modules = [{"Key": "", "Source": "", "Dir": "."}]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        if "/" in name:
            modules.append({"Key": "m", "Source": "./m", "Dir": "m"})
    (tmp_path / ".terraform/modules").mkdir(parents=True)
    if len(modules) > 1:
        (tmp_path / ".terraform/modules/modules.json").write_text(json.dumps({"Modules": modules}))
    assert has_one_provider_block(tmp_path) is is_one
