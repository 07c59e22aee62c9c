"""The packaged module and the synthesized example, under the real terraform."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine import migrated
from tests.provider.loopback import Loopback
from tests.support import HEAD, Workspace

import openai_constructs

pytestmark = pytest.mark.terraform

Make = Callable[[str], Workspace]
MODULE = Path(openai_constructs.__file__).parent / "terraform" / "chat_completion"
EXAMPLE = Path(__file__).parents[3] / "examples" / "chat_completion" / "main.py"
OUTPUTS = (
    "completion",
    "id",
    "created",
    "model",
    "choices",
    "usage",
    "content",
    "function_call",
    "finish_reason",
    "function_name",
    "function_arguments",
)


def calling(name: str, *contents: str, more: str = "") -> str:
    messages = ",\n".join(f'{{ role = "user", content = {json.dumps(it)} }}' for it in contents)
    outputs = "\n".join(f"{it} = module.{name}.{it}" for it in OUTPUTS)
    return f"""
module "{name}" {{
  source   = "{MODULE}"
  model    = "gpt-4o"
  messages = [
{messages}
  ]
  {more}
}}

output "{name}" {{
  value = {{
{outputs}
  }}
}}
"""


def test_the_module_applies_as_it_is(workspace: Make, api: Loopback) -> None:
    """Created; all outputs are there; the second plan is empty; destroyed without a request."""
    here = workspace(calling("chat", "hi"))
    ran = here.apply()
    assert ran.code == 0, ran.text
    said = here.outputs()["chat"]
    assert said["completion"]["id"] == said["id"] == "chatcmpl-1"
    assert said["choices"] == said["completion"]["choices"]
    assert {name: said[name] for name in OUTPUTS[2:] if name != "choices"} == {
        "created": 1_700_000_000,
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        "content": "You said: hi",
        "function_call": [],
        "finish_reason": "stop",
        "function_name": None,
        "function_arguments": None,
    }
    assert api.bodies == [
        {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 1,
            "top_p": 1,
            "n": 1,
        }
    ]
    assert here.plan().code == 0
    assert here.run("destroy", "-auto-approve", "-no-color").code == 0
    assert len(api.asked) == 1


def test_one_edited_prompt_replaces_one_completion(workspace: Make, api: Loopback) -> None:
    """Of three calls of the module only the edited one is asked again."""
    here = workspace(calling("a", "one") + calling("b", "two") + calling("c", "three"))
    assert here.apply().code == 0
    here.write(HEAD + calling("a", "one") + calling("b", "2") + calling("c", "three"))
    resource, digest = "module.b.openai_chat_completion.this", "module.b.terraform_data.request"
    assert here.planned() == {resource: ["delete", "create"], digest: ["update"]}
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert [it["messages"][0]["content"] for it in api.bodies][3:] == ["2"]
    assert here.outputs()["b"]["content"] == "You said: 2"
    assert here.plan().code == 0


@pytest.mark.parametrize("more", ["temperature = 0.5", "max_tokens = 9", 'user = "u"'])
def test_other_edits_replace_too(workspace: Make, api: Loopback, more: str) -> None:
    """The temperature, which the provider would refuse to change, and what it replaces by itself."""
    here = workspace(calling("a", "one"))
    here.apply()
    ran = here.write(HEAD + calling("a", "one", more=more)).apply()
    assert ran.code == 0, ran.text
    assert len(api.asked) == 2
    assert here.plan().code == 0


CALL = """
  functions = [{
    name        = "search"
    description = "Search."
    parameters  = jsonencode({ type = "object", properties = {} })
  }]
  function_call = "auto"
"""


def test_a_call_of_a_function(workspace: Make, api: Loopback) -> None:
    """Name and arguments of the call are outputs; the content is empty."""
    here = workspace(calling("chat", "hi", more=CALL))
    ran = here.apply()
    assert ran.code == 0, ran.text
    said = here.outputs()["chat"]
    assert (said["content"], said["finish_reason"]) == ("", "function_call")
    assert (said["function_name"], said["function_arguments"]) == ("search", '{"a":1}')
    assert said["function_call"] == [{"name": "search", "arguments": '{"a":1}'}]
    function = {
        "name": "search",
        "description": "Search.",
        "parameters": {"type": "object", "properties": {}},
    }
    assert (api.bodies[0]["functions"], api.bodies[0]["function_call"]) == ([function], "auto")
    assert here.plan().code == 0


def synthesize(source: str, folder: Path) -> Path:
    """Run an app in a folder; where its stack is."""
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(migrated(source))
    environment = {**os.environ, "HOME": str(folder), "CDKTF_OUTDIR": str(folder / "out"), "CI": "1"}
    ran = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return next(folder.rglob("cdk.tf.json")).parent


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(EXAMPLE.read_text(), tmp_path_factory.mktemp("app"))


@pytest.fixture
def stack(synthesized: Path, folder: Workspace) -> Workspace:
    """The example's stack, as it was synthesized, initialized in a folder of its own."""
    shutil.copytree(synthesized, folder.folder, dirs_exist_ok=True)
    return folder.init()


GATE = "-var=enable_chat_completions_store="


def test_the_example_with_the_gate_closed(stack: Workspace, api: Loopback) -> None:
    """Four completions and no lookup; the outputs come from the completions' own state."""
    ran = stack.apply()
    assert ran.code == 0, ran.text
    assert [it.method for it in api.asked] == ["POST"] * 4
    outputs = stack.outputs()
    assert outputs["immediate_assistant_response"].startswith("You said: What are the top 3")
    assert outputs["retrieved_assistant_response"] == outputs["immediate_assistant_response"]
    assert outputs["token_usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert "recent_completions_list" in outputs
    assert stack.plan().code == 0


def test_the_example_with_the_gate_open(stack: Workspace, api: Loopback) -> None:
    """The three data sources are read, and say what was stored."""
    ran = stack.apply(f"{GATE}true")
    assert ran.code == 0, ran.text
    stored = next(
        it for it in api.made.values() if len(it["sent"]) == 2 and "top 3" in it["sent"][1]["content"]
    )
    assert sorted(it for it in api.lines if it.startswith("GET")) == [
        f"GET /v1/chat/completions/{stored['id']}",
        f"GET /v1/chat/completions/{stored['id']}/messages?limit=10&order=asc",
        "GET /v1/chat/completions?limit=5&order=desc&metadata[category]=terraform_info",
    ]
    outputs = stack.outputs()
    assert outputs["retrieved_assistant_response"].startswith("You said: What are the top 3")
    messages = decoded(outputs["retrieved_messages"])
    assert [it["role"] for it in messages] == ["system", "user"]
    assert stored["id"] in json.dumps(outputs["recent_completions_list"])
    assert stack.plan(f"{GATE}true").code == 0


def test_the_gate_can_be_opened_and_closed(stack: Workspace, api: Loopback) -> None:
    """Neither asks a model again."""
    for gate in ("false", "true", "false"):
        ran = stack.apply(GATE + gate)
        assert ran.code == 0, ran.text
    assert len(api.bodies) == 4
    assert stack.plan(f"{GATE}false").code == 0


@pytest.mark.parametrize(
    ("before", "after", "address"),
    [
        ("like I'm 10", "like I'm 11", "module.basic_chat.openai_chat_completion.this"),
        ("top 3 benefits", "top 4 benefits", "openai_chat_completion.stored_completion"),
    ],
    ids=["module", "stored"],
)
def test_one_edited_prompt_of_the_example(
    stack: Workspace,
    api: Loopback,
    tmp_path_factory: pytest.TempPathFactory,
    before: str,
    after: str,
    address: str,
) -> None:
    """Exactly that completion is asked again, be it in a module or the stored one."""
    assert stack.apply(f"{GATE}true").code == 0
    source = EXAMPLE.read_text()
    assert before in source
    edited = synthesize(source.replace(before, after), tmp_path_factory.mktemp("edited"))
    shutil.copytree(edited, stack.folder, dirs_exist_ok=True)
    changes = {name: do for name, do in stack.planned(f"{GATE}true").items() if "terraform_data" not in name}
    assert changes == {address: ["delete", "create"]}
    ran = stack.apply(f"{GATE}true")
    assert ran.code == 0, ran.text
    assert len(api.bodies) == 5
    assert stack.plan(f"{GATE}true").code == 0


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
