"""The packaged module: one asset a stack, the same on every machine, with the provider of the stack."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import hcl2
import pytest
from tests.engine import App, TerraformStack
from tests.support import Workspace

from openai_constructs import BasicChat, OpenaiProvider, schema
from openai_constructs.cdk import module

VARIABLES = schema.CHAT_COMPLETION.arguments - {"id", "_imported_resource", "project_id"}
UPSTREAM_OUTPUTS = {"completion", "content", "function_call", "id", "created", "model", "choices", "usage"}
FOLDER = module.MODULES / "chat_completion"


def names(file: str, kind: str) -> set[str]:
    with (FOLDER / file).open(encoding="utf-8") as opened:
        return {name.strip('"') for block in hcl2.load(opened)[kind] for name in block}


def test_variables_are_the_arguments() -> None:
    """The 17 variables are the arguments of the resource that a module can be given."""
    assert names("variables.tf", "variable") == VARIABLES
    assert len(VARIABLES) == 17


def test_outputs_are_upstreams_and_three_more() -> None:
    """Whoever used the public module finds its outputs."""
    assert names("outputs.tf", "output") == UPSTREAM_OUTPUTS | {
        "finish_reason",
        "function_name",
        "function_arguments",
    }


def synthesized(folder: Path, **provider: Any) -> Path:
    app = App(outdir=str(folder))
    stack = TerraformStack(app, "stack")
    OpenaiProvider(stack, "openai", **provider)
    for index in range(3):
        BasicChat(stack, f"it{index}", model="m", prompt="p")
    app.synth()
    return folder / "stacks" / "stack"


def assets(stack: Path) -> dict[str, bytes]:
    return {
        it.relative_to(stack / "assets").as_posix(): it.read_bytes()
        for it in (stack / "assets").rglob("*")
        if it.is_file()
    }


def test_one_asset_a_stack(tmp_path: Path) -> None:
    """Three chats share one copy, and it holds .tf files only."""
    files = assets(synthesized(tmp_path))
    assert len({name.rsplit("/", 2)[0] for name in files}) == 1
    assert {Path(name).name for name in files} == {
        "main.tf",
        "outputs.tf",
        "request.tf",
        "variables.tf",
        "versions.tf",
    }


def test_the_hash_is_of_names_and_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Line ends, leftovers and the place of the package change nothing; a change of the module does."""
    original = assets(synthesized(tmp_path / "original"))
    copy = tmp_path / "elsewhere"
    shutil.copytree(module.MODULES, copy)
    monkeypatch.setattr(module, "MODULES", copy)
    (copy / "chat_completion" / ".terraform").mkdir()
    (copy / "chat_completion" / ".terraform" / "leftover").write_text("x")
    (copy / "chat_completion" / "terraform.tfstate").write_text("{}")
    for file in copy.rglob("*.tf"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert assets(synthesized(tmp_path / "copied")) == original
    with (copy / "chat_completion" / "main.tf").open("a") as opened:
        opened.write("# changed\n")
    assert assets(synthesized(tmp_path / "changed")).keys().isdisjoint(original)


def test_the_module_requires_the_stacks_provider(tmp_path: Path) -> None:
    """A provider from elsewhere is what the module of that stack requires too."""
    given = {"source": "corp.example/team/openai", "version": ">= 5"}
    stack = synthesized(tmp_path, **given)
    (versions,) = stack.rglob("versions.tf")
    with versions.open() as opened:
        (terraform,) = hcl2.load(opened)["terraform"]
    required = terraform["required_providers"][0]["openai"]
    assert {name: value.strip('"') for name, value in required.items()} == given


PLAIN = {"model": "gpt-4o", "messages": [{"role": "user", "content": "p"}]}

EDITS: dict[str, Any] = {
    "model": "gpt-4.1",
    "messages": [{"role": "user", "content": "q"}],
    "functions": [{"name": "f", "parameters": '{"type":"object"}'}],
    "function_call": "auto",
    "temperature": 0,
    "max_tokens": 1,
    "top_p": 0.5,
    "n": 2,
    "stop": ["x"],
    "presence_penalty": 0,
    "frequency_penalty": 1,
    "logit_bias": {"1": 1},
    "user": "u",
    "stream": False,
    "store": True,
}


@pytest.fixture
def request_part(terraform: Workspace) -> Workspace:
    """The part of the module that needs no provider: its variables and the digest of the request."""
    for name in ("variables.tf", "request.tf"):
        shutil.copy(FOLDER / name, terraform.folder)
    terraform.write({"output": {"digest": {"value": "${terraform_data.request.output}"}}})
    terraform.init()
    return terraform


def variables(terraform: Workspace, given: dict[str, Any]) -> None:
    import json

    (terraform.folder / "terraform.tfvars.json").write_text(json.dumps(given))


@pytest.mark.terraform
def test_every_edit_changes_the_digest(request_part: Workspace) -> None:
    """Each variable of the request is in the digest; labels and the origin are not."""
    variables(request_part, PLAIN)
    assert request_part.apply().code == 0
    assert set(EDITS) == VARIABLES - {"metadata", "imported"}
    for name, value in EDITS.items():
        variables(request_part, {**PLAIN, name: value})
        assert "terraform_data.request will be updated in-place" in request_part.plan(), name
    variables(request_part, {**PLAIN, "functions": [], "stop": []})
    assert "terraform_data.request will be updated in-place" in request_part.plan()
    variables(request_part, {**PLAIN, "metadata": {"k": "v"}, "imported": True})
    assert "No changes" in request_part.plan()


OBJECT = '{"type":"object"}'

BAD: list[tuple[str, Any, str]] = [
    ("model", "", "The model must not be empty."),
    ("messages", [], "There must be at least one message."),
    (
        "messages",
        [{"role": "robot", "content": ""}],
        "be system, user, assistant, function or developer.",
    ),
    ("messages", [{"role": None, "content": ""}], "be system, user, assistant, function or developer."),
    ("messages", [{"role": "user", "content": None}], "The content of every message must not be null."),
    ("messages", [{"role": "function", "content": ""}], "must have the name of the function."),
    ("functions", [{"name": f"f{it}", "parameters": OBJECT} for it in range(129)], "up to 128 functions."),
    ("functions", [{"name": "a b", "parameters": "{}"}], "must be 1 to 64 letters, digits"),
    ("functions", [{"name": "f", "parameters": "{}"}], "must be the JSON text of a schema of type object"),
    ("functions", [{"name": "f", "parameters": "{"}], "must be the JSON text of a schema of type object"),
    ("temperature", 2.1, "The temperature must be from 0 to 2."),
    ("temperature", -1, "The temperature must be from 0 to 2."),
    ("max_tokens", 0, "The max_tokens must be a whole number from 1."),
    ("max_tokens", 1.5, "The max_tokens must be a whole number from 1."),
    ("top_p", 1.1, "The top_p must be from 0 to 1."),
    ("n", 129, "The n must be a whole number from 1 to 128."),
    ("n", 1.5, "The n must be a whole number from 1 to 128."),
    ("stop", ["a"] * 5, "There may be up to 4 stop texts."),
    ("stop", [""], "A stop text must not be empty."),
    ("stop", [None], "A stop text must not be empty."),
    ("metadata", {"k": None}, "Keys of metadata may have up to 64 characters"),
    ("logit_bias", {"1": None}, "Every bias must be from -100 to 100."),
    ("presence_penalty", -3, "The presence_penalty must be from -2 to 2."),
    ("frequency_penalty", 3, "The frequency_penalty must be from -2 to 2."),
    ("logit_bias", {"1": 101}, "Every bias must be from -100 to 100."),
    ("metadata", {f"k{index}": "" for index in range(17)}, "There may be up to 16 pairs of metadata."),
    ("metadata", {"k" * 65: ""}, "Keys of metadata may have up to 64 characters"),
    ("metadata", {"k": "v" * 513}, "Keys of metadata may have up to 64 characters"),
]


@pytest.mark.terraform
def test_the_module_checks_what_the_constructs_check(request_part: Workspace) -> None:
    """A plain Terraform user gets the same limits, each with its own sentence."""
    limited = {name for name, it in schema.CHAT_COMPLETION.attributes.items() if it.limits != schema.Limits()}
    assert {name for name, _, _ in BAD} == limited | {"messages", "functions"}
    for name, value, message in BAD:
        variables(request_part, {**PLAIN, name: value})
        assert message in request_part.plan(), (name, value)


@pytest.mark.terraform
def test_the_module_is_formatted(terraform: Workspace) -> None:
    """terraform fmt has nothing to change."""
    assert terraform.run("fmt", "-check", "-recursive", str(module.MODULES)).code == 0
