"""Fleets and matrices: many chats in one call, each under its key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests import engine
from tests.engine import App, TerraformOutput, TerraformStack
from tests.support import template

from openai_constructs import BasicChat, ChatFleet, Function, InvalidInputError, Message, PromptMatrix


def chat(prompt: str, **arguments: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": prompt}], **arguments}


def test_chats_stand_under_their_keys(stack: TerraformStack) -> None:
    """Each with all of its arguments; the call takes what every chat has, and tries what only some have."""
    ChatFleet(
        stack,
        "faq",
        model="m",
        chats={"b": "${two}", "a": {"prompt": "one", "temperature": 0.5}},
        max_tokens=9,
    )
    call = template(stack).to_json()["module"]["faq"]
    assert call.pop("source").startswith("./assets/openai_constructs/")
    assert call == {
        "for_each": {
            "a": chat("one", temperature=0.5, max_tokens=9),
            "b": chat("$${two}", max_tokens=9),
        },
        "model": "${each.value.model}",
        "messages": "${each.value.messages}",
        "max_tokens": "${each.value.max_tokens}",
        "temperature": "${try(each.value.temperature, null)}",
    }


def test_what_a_chat_has_of_its_own_goes_first(stack: TerraformStack) -> None:
    """None takes away what all others have; messages leave the fleet's system message out."""
    ChatFleet(
        stack,
        "faq",
        model="m",
        system="s",
        temperature=1,
        functions=[Function("f")],
        chats={
            "system": {"prompt": "p", "system": "own", "functions": None},
            "messages": {"messages": [Message.user("p")], "functions": None},
            "none": {"prompt": "p", "system": None, "temperature": None, "functions": None},
            "model": {"prompt": "p", "model": "n", "function_call": "f"},
        },
    )
    made = template(stack).to_json()["module"]["faq"]["for_each"]
    said = {key: [it["content"] for it in one["messages"]] for key, one in made.items()}
    assert said == {"system": ["own", "p"], "messages": ["p"], "none": ["p"], "model": ["s", "p"]}
    assert made["none"] == chat("p")
    assert (made["model"]["model"], made["model"]["function_call"]) == ("n", "f")
    assert json.loads(made["model"]["functions"][0]["parameters"]) == {"type": "object", "properties": {}}


def test_every_problem_is_named_by_its_key(stack: TerraformStack) -> None:
    """All at once; a problem of what all chats have is told once."""
    chats: dict[str, Any] = {
        "a": {"prompt": "p", "temprature": 1},
        "b": {"prompt": 5, "top_p": 2},
        "c\n": "p",
        "": "p",
        "e\u0301": "p",
        f"{engine.Token.as_string({'x': 1})}": "p",
        "d": 7,
        "e": {"prompt": "p", "model": ""},
    }
    with pytest.raises(InvalidInputError) as raised:
        ChatFleet(stack, "faq", model="m", temperature=7, chats=chats)
    named = [it.argument for it in raised.value.problems]
    keys = list(chats)
    assert raised.value.path == "stack/faq"
    assert named == [
        "chats['a'] key",
        "chats['b'].prompt",
        "chats['b'].top_p",
        *(f"chats[{key!r}]" for key in keys[2:6]),
        "chats['d']",
        "chats['e'].model",
        "temperature",
    ]
    assert stack.node.try_find_child("faq") is None


@pytest.mark.parametrize(
    ("chats", "refused"),
    [({}, "chats"), (["p"], "chats"), ({5: "p"}, "chats key"), ({"a": {}}, "chats['a']")],
)
def test_fleets_that_are_none(stack: TerraformStack, chats: Any, refused: str) -> None:
    """There must be chats, by text keys, and something to ask in each."""
    with pytest.raises(InvalidInputError) as raised:
        ChatFleet(stack, "faq", model="m", chats=chats)
    assert raised.value.problems[0].argument.startswith(refused)


def test_a_chat_needs_a_model(stack: TerraformStack) -> None:
    """Its own or the fleet's; where neither is, it is named."""
    with pytest.raises(InvalidInputError, match=r"chats\['a'\]\.model"):
        ChatFleet(stack, "faq", chats={"a": "p", "b": {"model": "m", "prompt": "p"}})


def test_an_unknown_option_is_a_type_error(stack: TerraformStack) -> None:
    """As for any function."""
    with pytest.raises(TypeError, match=r"ChatFleet\(\) got an unexpected keyword argument 'temprature'"):
        ChatFleet(stack, "faq", model="m", chats={"a": "p"}, temprature=1)  # type: ignore[call-arg]


def test_results_by_key(stack: TerraformStack) -> None:
    """Each chat has the outputs of a chat, and all contents are one map."""
    fleet = ChatFleet(stack, "faq", model="m", chats={"a": "p", 'b "${c}"': "q"})
    assert (list(fleet), len(fleet), "a" in fleet, "z" in fleet) == (["a", 'b "${c}"'], 2, True, False)
    values: dict[str, Any] = {
        "one": fleet["a"].content,
        "other": fleet['b "${c}"'].usage.total_tokens,
        "nested": fleet["a"].choices[0].message[0].content,
        "all": fleet.contents,
        "inside": engine.Fn.keys(fleet.contents),
    }
    for name, value in values.items():
        TerraformOutput(stack, name, value=value)
    assert {name: it["value"] for name, it in template(stack).to_json()["output"].items()} == {
        "one": '${module.faq["a"].content}',
        "other": '${module.faq["b \\"$${c}\\""].usage.total_tokens}',
        "nested": '${module.faq["a"].choices[0].message[0].content}',
        "all": "${{for key, it in module.faq : key => it.content}}",
        "inside": "${keys({for key, it in module.faq : key => it.content})}",
    }


def test_an_unknown_key_is_refused(stack: TerraformStack) -> None:
    """The error shows the keys that are near."""
    fleet = ChatFleet(stack, "faq", model="m", chats={"install": "p", "remove": "q"})
    with pytest.raises(InvalidInputError, match="stack/faq: key = 'instal': must be a key .* 'install'"):
        fleet["instal"]


def many(prompt: str = "p${x} é") -> dict[str, Any]:
    return {f"k{index}": {"prompt": prompt, "functions": [Function("f")]} for index in range(101)}


def test_many_chats_are_a_file(tmp_path: Path) -> None:
    """Beside the JSON, readable, as they were written; the next synthesis writes it the same."""
    texts = []
    for run in ("first", "second"):
        app = App(outdir=str(tmp_path / run))
        stack = TerraformStack(app, "stack")
        ChatFleet(stack, "faq", model="m", chats=many())
        app.synth()
        folder = tmp_path / run / "stacks" / "stack"
        call = json.loads((folder / "cdk.tf.json").read_text())["module"]["faq"]
        path = call["for_each"].removeprefix('${jsondecode(file("${path.module}/').removesuffix('"))}')
        assert (folder / path).stat().st_mode & 0o077 == 0
        texts.append((path, (folder / path).read_text(encoding="utf-8")))
        assert call["functions"] == "${each.value.functions}"
    assert texts[0] == texts[1]
    chats = json.loads(texts[0][1])
    assert chats["k7"]["messages"] == [{"role": "user", "content": "p${x} é"}]
    assert json.loads(chats["k7"]["functions"][0]["parameters"])["type"] == "object"
    assert list(chats) == sorted(chats)


def test_many_chats_with_references_stay_in_the_json(stack: TerraformStack) -> None:
    """A file cannot refer to anything."""
    first = BasicChat(stack, "first", model="m", prompt="p")
    ChatFleet(stack, "text", model="m", chats=many() | {"refers": f"{first.content}"})
    ChatFleet(stack, "number", model="m", chats=many() | {"n": {"prompt": "p", "max_tokens": first.created}})
    ChatFleet(stack, "flag", model="m", chats=many() | {"f": {"prompt": "p", "store": first.completion}})
    calls = template(stack).to_json()["module"]
    assert calls["text"]["for_each"]["refers"]["messages"][0]["content"] == "${module.first.content}"
    assert calls["number"]["for_each"]["n"]["max_tokens"] == "${module.first.created}"
    assert calls["flag"]["for_each"]["f"]["store"] == "${module.first.completion}"


def test_the_number_of_calls_is_that_of_one(stack: TerraformStack, sent: list[str]) -> None:
    """However many chats there are, Node is asked as often."""
    ChatFleet(stack, "first", model="m", chats={"a": "p"})
    counts = []
    for size in (1, 100, 101, 1000):
        del sent[:]
        ChatFleet(stack, f"it{size}", model="m", chats={f"k{index}": "p" for index in range(size)})
        counts.append(len(sent))
    assert counts == [2, 2, 4, 4]


def test_warnings_are_told_once(stack: TerraformStack) -> None:
    """Each with the keys it is true of."""
    chats = {f"k{index}": {"prompt": "p", "temperature": 0} for index in range(5)}
    fleet = ChatFleet(stack, "faq", model="m", chats=chats)
    (warning,) = [it.data for it in fleet.node.metadata if it.type.endswith("warn")]
    assert warning.endswith("In chats['k0'], chats['k1'], chats['k2'] and 2 more.")


def test_the_module_of_a_fleet(stack: TerraformStack) -> None:
    """Options of the call are those of every chat."""
    first = BasicChat(stack, "first", model="m", prompt="p")
    ChatFleet(
        stack,
        "faq",
        model="m",
        chats={"a": "p"},
        source="corp/chat/openai",
        version="~> 1",
        depends_on=[first],
    )
    call = template(stack).to_json()["module"]["faq"]
    assert (call["source"], call["version"], call["depends_on"]) == (
        "corp/chat/openai",
        "~> 1",
        ["module.first"],
    )


@pytest.mark.parametrize("name", ["chat", "fleet"])
def test_for_each_is_a_fleet(stack: TerraformStack, name: str) -> None:
    """The engine's own for_each would break the references; the error says what to use."""
    it = {
        "chat": lambda: BasicChat(stack, "it", model="m", prompt="p"),
        "fleet": lambda: ChatFleet(stack, "it", model="m", chats={"a": "p"}),
    }[name]()
    with pytest.raises(InvalidInputError, match=r"stack/it: for_each .* Use ChatFleet"):
        it.for_each = engine.TerraformIterator.from_list(["a"])
    assert it.for_each is None


def test_a_matrix(stack: TerraformStack) -> None:
    """Keys say what was asked of which model, and how."""
    axes: dict[str, Any] = {"prompts": {"sum": "1+1?", "sky": "Why?"}, "models": ["ft:m/x", "n"]}
    plain = PromptMatrix(stack, "plain", **axes, system="s", max_tokens=5)
    tuned = PromptMatrix(stack, "tuned", **axes, parameters={"cold": {"temperature": 0.5}, "as_is": {}})
    assert list(plain) == ["sum/ft:m/x", "sum/n", "sky/ft:m/x", "sky/n"]
    TerraformOutput(stack, "plain_one", value=plain["sum", "ft:m/x"].content)
    TerraformOutput(stack, "tuned_one", value=tuned["sky", "n", "cold"].content)
    TerraformOutput(stack, "by_key", value=tuned["sky/n/as_is"].content)
    made = template(stack).to_json()
    assert made["module"]["plain"]["for_each"]["sky/n"] == {
        "model": "n",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "Why?"}],
        "max_tokens": 5,
    }
    assert made["module"]["tuned"]["for_each"]["sum/n/cold"]["temperature"] == 0.5
    assert len(made["module"]["tuned"]["for_each"]) == 8
    assert {name: it["value"] for name, it in made["output"].items()} == {
        "plain_one": '${module.plain["sum/ft:m/x"].content}',
        "tuned_one": '${module.tuned["sky/n/cold"].content}',
        "by_key": '${module.tuned["sky/n/as_is"].content}',
    }
    with pytest.raises(InvalidInputError, match="'sky/n/hot'"):
        tuned["sky", "n", "hot"]


def test_every_problem_of_a_matrix(stack: TerraformStack) -> None:
    """Of its axes first; then of the parameters, by the keys of the chats."""
    axes: dict[str, Any] = {
        "prompts": {"a/b": "p", "c": 5},
        "models": ["m", "m", ""],
        "parameters": {"x": 1, "": {}},
    }
    with pytest.raises(InvalidInputError) as raised:
        PromptMatrix(stack, "it", **axes)
    assert [it.argument for it in raised.value.problems] == [
        "prompts key",
        "prompts['c']",
        "models[1]",
        "models[2]",
        "parameters key",
        "parameters['x']",
    ]
    with pytest.raises(InvalidInputError, match=r"chats\['c/m/x'\]\.temperature = 3"):
        PromptMatrix(stack, "it", prompts={"c": "p"}, models=["m"], parameters={"x": {"temperature": 3}})
