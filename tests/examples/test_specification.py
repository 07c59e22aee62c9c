"""The example is equivalent to its HCL specification, read by an HCL parser that is not ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.hcl import addresses, read
from tests.support import ROOT

from openai_constructs.testing import Template

STACK = "stacks/chat_completion/cdk.tf.json"

# What the example adds to the specification; the page docs/json.md explains each.
ADDED_ARGUMENTS = {
    "resource.openai_chat_completion.stored_completion": {"lifecycle"},
    "data.openai_chat_completion.retrieved_completion": {"count"},
    "data.openai_chat_completion_messages.completion_messages": {"count"},
    "data.openai_chat_completions.recent_completions": {"count", "depends_on"},
}
ADDED_BLOCKS = {
    "resource.terraform_data.stored_completion_request",
    "variable.enable_chat_completions_store",
    "provider.openai",
    "terraform.backend",
    "terraform.required_providers",
}
GATED_OUTPUTS = {"retrieved_assistant_response", "retrieved_messages", "recent_completions_list"}


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    return read((Path(__file__).parent / "specification.tf").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("example")
    program = migrated((ROOT / "examples/chat_completion/main.py").read_text(encoding="utf-8"))
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
    return addresses(Template.from_json((folder / "cdktf.out" / STACK).read_text()).to_json())


def test_every_block_is_there_and_the_others_are_known(
    specification: dict[str, Any], synthesized: dict[str, Any]
) -> None:
    """The same addresses; what is added is listed."""
    assert synthesized.keys() - specification.keys() == ADDED_BLOCKS
    assert specification.keys() <= synthesized.keys()
    assert len(specification) == 12


def test_every_argument_is_equal(specification: dict[str, Any], synthesized: dict[str, Any]) -> None:
    """Each argument of the specification has its value in the JSON; what is added is listed."""
    compared = 0
    for address, wanted in specification.items():
        if address.startswith("output."):
            continue
        made = dict(synthesized[address])
        assert made.keys() - wanted.keys() == ADDED_ARGUMENTS.get(address, set()), address
        for name, value in wanted.items():
            if name == "source":
                assert re.fullmatch(r"\./assets/openai_constructs/[0-9a-f]{32}/chat_completion", made[name])
            elif name == "functions":
                check_functions(value, made[name])
            else:
                assert made[name] == value, f"{address}.{name}"
            compared += 1
    assert compared == 27


def check_functions(wanted: list[dict[str, Any]], made: list[dict[str, Any]]) -> None:
    """The specification shows a part of the properties; the example spells out the rest."""
    (want,), (got,) = wanted, made
    parameters = json.loads(got["parameters"])
    assert (got["name"], got["description"]) == (want["name"], want["description"])
    assert parameters["type"] == want["parameters"]["type"]
    assert parameters["required"] == want["parameters"]["required"]
    assert want["parameters"]["properties"].items() <= parameters["properties"].items()


def test_every_output_is_equal_or_gated(specification: dict[str, Any], synthesized: dict[str, Any]) -> None:
    """An output of a gated data source reads its first instance, else what the state says."""
    for address, wanted in specification.items():
        if not address.startswith("output."):
            continue
        made, value = synthesized[address]["value"], wanted["value"]
        if address.removeprefix("output.") in GATED_OUTPUTS:
            instance = re.sub(r"^\$\{(data\.\w+\.\w+)(.*)\}$", r"\1[0]\2", value)
            assert made.startswith((f"${{try({instance}, ", f"${{try(concat({instance}), ")), address
        else:
            assert made == value, address
