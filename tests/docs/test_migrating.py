"""Moving from HCL keeps every answer: the JSON, planned on the state that HCL made, replaces nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.support import HEAD, ROOT, Served, Workspace, environment_of

from openai_constructs.emulator import Emulator

pytestmark = pytest.mark.terraform

SPECIFICATION = (ROOT / "tests/examples/specification.tf").read_text(encoding="utf-8")
PACKAGED = ROOT / "src/openai_constructs/terraform/chat_completion"
STORE = ("-var", "enable_chat_completions_store=true")
# As jsonencode() writes it: the example has its own order of keys, and another text is another request.
SCHEMA = 'json.dumps(SEARCH_FLIGHTS.parameters, sort_keys=True, separators=(",", ":"))'
# What the provider's own module says of edits; it keeps no digest.
IGNORED = (
    "messages, temperature, model, max_tokens, top_p, frequency_penalty, presence_penalty, functions, "
    "function_call, store"
)
ANSWERS = (
    "retrieved_assistant_response",
    "retrieved_messages",
    "immediate_assistant_response",
    "token_usage",
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's stack, with its function's schema written as HCL writes it."""
    folder = tmp_path_factory.mktemp("synthesized")
    program = (ROOT / "examples/chat_completion/main.py").read_text(encoding="utf-8")
    program = program.replace(
        "functions=[SEARCH_FLIGHTS]", f"functions=[replace(SEARCH_FLIGHTS, parameters={SCHEMA})]"
    )
    program = f"import json\nfrom dataclasses import replace\n{migrated(program)}"
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
    return folder / "cdktf.out" / "stacks" / "chat_completion"


@pytest.fixture
def made(synthesized: Path) -> dict[str, Any]:
    """The JSON of that stack."""
    parsed: dict[str, Any] = json.loads((synthesized / "cdk.tf.json").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture
def old(tmp_path: Path, served: Served, emulator: Emulator, made: dict[str, Any]) -> Workspace:
    """A folder with the specification, in HCL, and the function's schema as the example has it."""
    folder = tmp_path / "terraform"
    shutil.copytree(PACKAGED, folder / "modules" / "chat_completion")
    (schema,) = re.findall(r"jsonencode\(\{.*?\n      \}\)", SPECIFICATION, re.DOTALL)
    parameters = json.loads(made["module"]["function_calling_chat"]["functions"][0]["parameters"])
    full = f"jsonencode(jsondecode({json.dumps(json.dumps(parameters))}))"
    text = SPECIFICATION.replace(schema, full).replace("../../modules", "./modules")
    environment = environment_of(tmp_path, None, emulator.url)
    return Workspace(folder, environment, served=served).write(HEAD + text)


def as_the_providers_own(module: Path) -> None:
    """Make the packaged module what the provider's own is: it ignores edits, and keeps no digest."""
    (module / "request.tf").unlink()
    text = (module / "main.tf").read_text()
    ignoring = re.sub(r"replace_triggered_by = .*", f"ignore_changes = [{IGNORED}]", text)
    assert ignoring != text
    (module / "main.tf").write_text(ignoring)


def unchanged(module: Path) -> None:
    """The packaged module as it is."""


@pytest.mark.parametrize(("module", "digests"), [(unchanged, 1), (as_the_providers_own, 4)])
def test_all_at_once(
    old: Workspace, synthesized: Path, emulator: Emulator, module: Callable[[Path], None], digests: int
) -> None:
    """Digests of requests are added; no completion is asked for again, and the next plan is empty."""
    module(old.folder / "modules" / "chat_completion")
    assert old.init().apply().code == 0
    asked = len(emulator.requests())
    assert asked == 4 + 3
    answers = {name: old.outputs()[name] for name in ANSWERS}

    (old.folder / "main.tf").unlink()
    shutil.copytree(synthesized, old.folder, dirs_exist_ok=True)
    planned = old.init().planned(*STORE)
    assert len(planned) == digests
    assert all("terraform_data" in address and actions == ["create"] for address, actions in planned.items())
    assert old.apply(*STORE).code == 0
    assert {it["method"] for it in emulator.requests()[asked:]} == {"GET"}
    assert old.plan(*STORE).code == 0
    assert {name: old.outputs()[name] for name in ANSWERS} == answers


def test_module_by_module(old: Workspace, synthesized: Path, made: dict[str, Any]) -> None:
    """With the JSON beside the HCL that is left, each block moves by itself; no step replaces anything."""
    assert old.init().apply().code == 0
    shutil.copytree(synthesized / "assets", old.folder / "assets")
    left = (old.folder / "main.tf").read_text()
    moved: dict[str, Any] = {name: made[name] for name in ("terraform", "provider", "variable")}
    left = without(left, "terraform")
    left = without(left, "provider")
    for name in ("basic_chat", "multi_turn_chat", "function_calling_chat"):
        left = without(left, f'module "{name}"')
        moved.setdefault("module", {})[name] = made["module"][name]
        old.write(left).write(moved, "cdk.tf").init()
        assert old.planned() == {}, name
        assert old.apply().code == 0

    moved["resource"] = made["resource"]
    old.write(without(left, "resource")).write(moved, "cdk.tf")
    assert old.planned() == {"terraform_data.stored_completion_request": ["create"]}


def without(hcl: str, block: str) -> str:
    """HCL without a block that begins in the first column."""
    rest, count = re.subn(
        rf"^{block} [^\n]*\{{\}}$|^{block} .*?^\}}", "", hcl, flags=re.DOTALL | re.MULTILINE
    )
    assert count == 1, block
    return rest


def test_an_edit_that_was_ignored_comes_after_the_move(
    old: Workspace, synthesized: Path, made: dict[str, Any]
) -> None:
    """What the provider's module ignored is done after the move, as a replacement; at once it would fail."""
    as_the_providers_own(old.folder / "modules" / "chat_completion")
    assert old.init().apply().code == 0
    (old.folder / "main.tf").unlink()
    shutil.copytree(synthesized / "assets", old.folder / "assets")
    address = "module.basic_chat.openai_chat_completion.this"
    asked = made["module"]["basic_chat"]["messages"][1]
    question, asked["content"] = asked["content"], "What is quantum computing?"

    # At once, the provider plans what it cannot do.
    assert old.write(made, "cdk.tf").init().planned()[address] == ["update"]

    edited, asked["content"] = asked["content"], question
    assert old.write(made, "cdk.tf").apply().code == 0
    asked["content"] = edited
    assert old.write(made, "cdk.tf").planned()[address] == ["delete", "create"]
