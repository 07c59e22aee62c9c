"""Stored completions: the resource, and its replacement when the request changes."""

from __future__ import annotations

import re
from typing import Any, Literal

import jsii
import pytest
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from tests.engine import (
    Aspects,
    IAspect,
    TerraformOutput,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
    TerraformVariable,
)
from tests.support import Workspace, template

from openai_constructs import (
    BasicChat,
    Function,
    InvalidInputError,
    Message,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.cdk.hashes import to_hash
from openai_constructs.errors import SynthesisError

TRIGGER = "terraform_data.it_request"
REQUEST: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "p"}], "temperature": 1}


def test_a_stored_completion(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """It is the resource itself under the given name, stored, and replaced by the hash of its request."""
    OpenaiProvider(stack, "openai")
    StoredCompletion(
        stack,
        "it",
        model="gpt-4o",
        system="s",
        prompt="p",
        functions=[Function("f")],
        function_call="auto",
        metadata={"k": "v"},
        temperature=0.5,
        n=2,
    )
    StoredCompletion(stack, "other", model="gpt-4o", messages=[Message.user("p")])
    assert template(stack) == terraform_snapshot


def test_keep_ignores_every_change(stack: TerraformStack) -> None:
    """on_change="keep" has no hash, and Terraform ignores changes of the request."""
    StoredCompletion(
        stack, "it", model="m", prompt="p", on_change="keep", lifecycle={"ignore_changes": ["project_id"]}
    )
    StoredCompletion(
        stack, "all", model="m", prompt="p", on_change="keep", lifecycle={"ignore_changes": "all"}
    )
    made = template(stack)
    made.count_resources("terraform_data", 0)
    ignored = made.find_resources("openai_chat_completion")["it"]["lifecycle"]["ignore_changes"]
    assert {"messages", "model", "temperature", "metadata", "project_id"} < set(ignored)
    made.has_resource("openai_chat_completion", {"lifecycle": {"ignore_changes": "all"}}, name="all")


@pytest.mark.parametrize(
    "lifecycle",
    [
        {"prevent_destroy": True, "replace_triggered_by": ["terraform_data.mine"]},
        TerraformResourceLifecycle(prevent_destroy=True, replace_triggered_by=["terraform_data.mine"]),
    ],
)
def test_lifecycles_are_added_to(stack: TerraformStack, lifecycle: Any) -> None:
    """What the user wants of the lifecycle stays."""
    StoredCompletion(stack, "it", model="m", prompt="p", lifecycle=lifecycle)
    made = template(stack).find_resources("openai_chat_completion")["it"]["lifecycle"]
    assert made == {"prevent_destroy": True, "replace_triggered_by": ["terraform_data.mine", TRIGGER]}


def test_names_of_hashes_are_unique(stack: TerraformStack) -> None:
    """Two completions with one id in two scopes have two hashes, whose names tell which is which."""
    for team in ("red", "blue"):
        StoredCompletion(Construct(stack, team), "it", model="m", prompt=team)
    find = template(stack).find_resources
    hashes = list(find("terraform_data"))
    assert [re.sub("_[0-9a-f]{8}_", "_HASH_", name) for name in sorted(hashes)] == [
        "blue_it_HASH_request",
        "red_it_HASH_request",
    ]
    triggers = [it["lifecycle"]["replace_triggered_by"] for it in find("openai_chat_completion").values()]
    assert sorted(triggers) == sorted([f"terraform_data.{name}"] for name in hashes)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (REQUEST, "cd63f0215cbb98a1371f38c5048715ad5b7e54082d5c8e03176a20eed5305d67"),
        (
            {**REQUEST, "user": "\u00e9\U0001f600\0"},
            "63774d5511b54b2780bf63ec293d1cca9b9c3f64342ccdbbf6b53ff58c2c4590",
        ),
    ],
)
def test_the_hash_is_pinned(request_: dict[str, Any], expected: str) -> None:
    """States of earlier releases hold these hashes: another one would ask every model anew."""
    assert to_hash(request_) == expected


def test_hashes_go_with_their_completions(stack: TerraformStack) -> None:
    """A removed completion leaves no hash, which may refer to what is removed too."""
    first = StoredCompletion(stack, "a", model="m", prompt="p")
    StoredCompletion(stack, "b", model="m", prompt=f"x {first.content}")
    StoredCompletion(stack, "c", model="m", prompt="p")
    for id_ in ("a", "b"):
        assert stack.node.try_remove_child(id_)
    StoredCompletion(stack, "a", model="m", prompt="p", on_change="keep")
    assert list(template(stack).find_resources("terraform_data")) == ["c_request"]
    stack.node.try_remove_child("c")
    template(stack).count_resources("terraform_data", 0)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_terraform_data_of_the_users_keeps_its_name(stack: TerraformStack, *, is_first: bool) -> None:
    """The engine would merge two blocks with one address; a clash with a hash is an error at synthesis."""

    def add_own() -> None:
        kind = "terraform_data"
        TerraformResource(stack, "it_request", terraform_resource_type=kind).add_override("input", "mine")

    if is_first:
        add_own()
    StoredCompletion(stack, "it", model="m", prompt="p")
    if not is_first:
        add_own()
    with pytest.raises(SynthesisError, match=r"terraform_data\.it_request.*another name"):
        template(stack)


def test_native_completions_have_no_hash(stack: TerraformStack) -> None:
    """The native provider itself tells which edits replace: no terraform_data, and no lifecycle."""
    OpenaiProvider(stack, "openai", native=True)
    StoredCompletion(stack, "it", model="m", prompt="p")
    made = template(stack)
    made.count_resources("terraform_data", 0)
    assert "lifecycle" not in made.find_resources("openai_chat_completion")["it"]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "n"},
        {"messages": [{"role": "user", "content": "q"}]},
        {"messages": [{"role": "system", "content": "p"}]},
        {"temperature": 0},
        {"temperature": 1.5},
        {"stop": ["x"]},
        {"logit_bias": {"1": 2}},
        {"functions": [{"name": "f", "parameters": {"type": "object"}}]},
    ],
)
def test_every_edit_changes_the_hash(change: dict[str, Any]) -> None:
    """Whatever the model is asked differently is a new request."""
    assert to_hash({**REQUEST, **change}) != to_hash(REQUEST)


@pytest.mark.parametrize("same", [{"metadata": {"k": "v"}}, {"temperature": 1.0}])
def test_what_is_no_edit_of_the_request(same: dict[str, Any]) -> None:
    """Labels, the order of arguments and the way a number is written are no part of the request."""
    assert to_hash({**dict(reversed(REQUEST.items())), **same}) == to_hash(REQUEST)


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)
    )
)
def test_any_request_has_a_hash(value: Any) -> None:
    """Every value an argument can have is hashed, and the same each time."""
    assert to_hash({"value": value}) == to_hash({"value": value})


@pytest.mark.terraform
def test_what_tokens_stand_for_is_hashed_by_terraform(stack: TerraformStack, terraform: Workspace) -> None:
    """The hash changes with the value of a variable in a prompt, in a list or in a number, and only then."""
    text = TerraformVariable(stack, "text", default="a")
    number = TerraformVariable(stack, "number", type="number", default=1)
    words = TerraformVariable(stack, "words", type="list(string)", default=["a"])
    secret = TerraformVariable(stack, "secret", default="s", sensitive=True)
    StoredCompletion(stack, "of_text", model="m", prompt=f"say ${{x}} {text.string_value} now")
    StoredCompletion(stack, "of_number", model="m", prompt="p", temperature=number.number_value)
    StoredCompletion(stack, "of_words", model="m", prompt="p", stop=words.list_value)
    StoredCompletion(stack, "of_secret", model="m", prompt=secret.string_value)
    StoredCompletion(stack, "plain", model="m", prompt="p")
    made = template(stack).to_json()
    hashes = made["resource"]["terraform_data"]
    terraform.write(
        {
            "variable": made["variable"],
            "resource": {"terraform_data": hashes},
            "output": {
                "hashes": {
                    "value": {name: f"${{nonsensitive(terraform_data.{name}.output)}}" for name in hashes}
                }
            },
        }
    )
    assert terraform.init().apply().code == 0
    before = terraform.outputs()["hashes"]
    assert "0 added, 0 changed" in terraform.apply()
    for name, value in {"text": "b", "number": "2", "words": '["b"]', "secret": "t"}.items():
        assert terraform.apply("-var", f"{name}={value}").code == 0
        after = terraform.outputs()["hashes"]
        assert {key for key in before if before[key] != after[key]} == {f"of_{name}_request"}


def test_tokens_are_hashed_the_same_whatever_else_there_is(stack: TerraformStack) -> None:
    """The number the engine gives a token is no part of the hash, in texts, in numbers and in keys."""
    number = TerraformVariable(stack, "number", type="number", default=1)
    word = TerraformVariable(stack, "word", default="1")
    for index in range(3):
        StoredCompletion(
            stack,
            f"it{index}",
            model="m",
            prompt=f"{number.number_value} or {word.string_value}",
            logit_bias={word.string_value: 1, number.string_value: 2, "3": 3},
            temperature=number.number_value,
        )
    hashes = [block["input"] for block in template(stack).find_resources("terraform_data").values()]
    assert len(hashes) == 3
    assert len(set(hashes)) == 1
    assert hashes[0].count("var.") == 5


def test_keys_with_tokens_stay_apart() -> None:
    """Two keys that are only known to Terraform are two entries of the hash."""
    one, two = "${TfToken[TOKEN.1]}", "${TfToken[TOKEN.2]}"
    assert to_hash({**REQUEST, "logit_bias": {one: 1, two: 2}}) != to_hash(
        {**REQUEST, "logit_bias": {one: 3, two: 2}}
    )


@pytest.mark.parametrize(
    ("scope", "id_"),
    [("\u00e9\U0001f600 ${z}", "b"), ('a"b', "c"), ("a", "b/c"), ("a b.c", "d e"), ("\u00e9", "2x")],
)
def test_odd_paths_make_valid_names(stack: TerraformStack, scope: str, id_: str) -> None:
    """Whatever an id has in it, the name of its hash is valid in Terraform, and no other completion's."""
    place = Construct(stack, scope)
    StoredCompletion(place, id_, model="m", prompt="p")
    StoredCompletion(Construct(place, "other"), id_, model="m", prompt="q")
    find = template(stack).find_resources
    names = list(find("terraform_data"))
    assert len(names) == 2
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) for name in names)
    triggers = [it["lifecycle"]["replace_triggered_by"][0] for it in find("openai_chat_completion").values()]
    assert sorted(triggers) == sorted(f"terraform_data.{name}" for name in names)


def test_an_override_of_the_request_is_an_edit(stack: TerraformStack) -> None:
    """An aspect or escape hatch that changes what is asked changes the hash; one that does not, does not."""
    it = StoredCompletion(stack, "it", model="m", prompt="p")

    def hash_now() -> str:
        return str(template(stack).find_resources("terraform_data")["it_request"]["input"])

    before = hash_now()
    it.add_override("lifecycle.prevent_destroy", True)
    assert hash_now() == before
    it.add_override("temperature", 0.3)
    assert hash_now() != before


def test_the_answer_has_short_names(stack: TerraformStack) -> None:
    """A stored completion has the names of a chat; each is null where the answer, or an import, has none."""
    it = StoredCompletion(stack, "it", model="m", prompt="p")
    for name in ("content", "finish_reason", "function_name", "function_arguments"):
        TerraformOutput(stack, name, value=getattr(it, name))
    choice = "openai_chat_completion.it.choices[0]"
    assert template(stack).outputs == {
        "content": f"${{try({choice}.message[0].content, null)}}",
        "finish_reason": f"${{try({choice}.finish_reason, null)}}",
        "function_name": f"${{try({choice}.message[0].function_call[0].name, null)}}",
        "function_arguments": f"${{try({choice}.message[0].function_call[0].arguments, null)}}",
    }


def test_a_chat_can_be_stored_too(stack: TerraformStack) -> None:
    """store and metadata of a chat go to the module."""
    BasicChat(stack, "it", model="gpt-4o", prompt="p", store=True, metadata={"k": "v"})
    (call,) = template(stack).find_modules().values()
    assert (call["store"], call["metadata"]) == (True, {"k": "v"})


@jsii.implements(IAspect)
class AssignLifecycle:
    """What aspects do that protect every resource."""

    def __init__(self, lifecycle: Any) -> None:
        self.lifecycle = lifecycle

    def visit(self, node: Any) -> None:
        if isinstance(node, TerraformResource):
            node.lifecycle = self.lifecycle


PROTECTED: dict[str, Any] = {
    "struct": TerraformResourceLifecycle(prevent_destroy=True),
    "dict": {"prevent_destroy": True},
    "with triggers": {"prevent_destroy": True, "replace_triggered_by": ["terraform_data.mine"]},
    "with ignored": {"prevent_destroy": True, "ignore_changes": ["project_id"]},
}


@pytest.mark.parametrize("on_change", ["replace", "keep"])
@pytest.mark.parametrize("way", ["constructor", "attribute", "aspect", "override", "override of one field"])
@pytest.mark.parametrize("lifecycle", PROTECTED.values(), ids=PROTECTED)
def test_every_way_to_set_a_lifecycle_adds_to_it(
    stack: TerraformStack, lifecycle: Any, way: str, on_change: Literal["replace", "keep"]
) -> None:
    """However a lifecycle is set, what makes an edit work stays."""
    at_once = {"lifecycle": lifecycle} if way == "constructor" else {}
    it = StoredCompletion(stack, "it", model="m", prompt="p", on_change=on_change, **at_once)
    if way == "attribute":
        it.lifecycle = lifecycle
    elif way == "aspect":
        Aspects.of(stack).add(AssignLifecycle(lifecycle))
    elif way != "constructor":
        fields = lifecycle if isinstance(lifecycle, dict) else {"prevent_destroy": True}
        overrides = (
            {"lifecycle": fields} if way == "override" else {f"lifecycle.{k}": v for k, v in fields.items()}
        )
        for path, value in overrides.items():
            it.add_override(path, value)
    made = template(stack).find_resources("openai_chat_completion")["it"]["lifecycle"]
    assert made["prevent_destroy"] is True
    if on_change == "replace":
        assert TRIGGER in made["replace_triggered_by"]
    else:
        assert {"messages", "metadata", "imported", "_imported_resource"} <= set(made["ignore_changes"])
    given = lifecycle if isinstance(lifecycle, dict) else {}
    for name in ("replace_triggered_by", "ignore_changes"):
        assert set(given.get(name, ())) <= set(made.get(name, ()))


def test_a_lifecycle_that_is_taken_away_leaves_what_is_needed(stack: TerraformStack) -> None:
    """None, or the lifecycle read and assigned again, leaves the trigger, once."""
    it = StoredCompletion(stack, "it", model="m", prompt="p", lifecycle={"prevent_destroy": True})
    it.lifecycle = it.lifecycle
    find = template(stack).find_resources
    assert find("openai_chat_completion")["it"]["lifecycle"]["replace_triggered_by"] == [TRIGGER]
    it.lifecycle = None
    find = template(stack).find_resources
    assert find("openai_chat_completion")["it"]["lifecycle"] == {"replace_triggered_by": [TRIGGER]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("lifecycle", None),
        ("lifecycle", {"replace_triggered_by": None}),
        ("lifecycle.replace_triggered_by", None),
        ("lifecycle.replace_triggered_by", "terraform_data.x"),
        ("lifecycle.replace_triggered_by.0", "terraform_data.x"),
    ],
)
def test_overrides_that_would_break_edits_are_refused(stack: TerraformStack, path: str, value: Any) -> None:
    """An override in place of the trigger is an error that names the list it may be."""
    it = StoredCompletion(stack, "it", model="m", prompt="p")
    with pytest.raises(InvalidInputError, match=r"stack/it: .*must be a list to append to the replace"):
        it.add_override(path, value)
    kept = StoredCompletion(stack, "kept", model="m", prompt="p", on_change="keep")
    kept.add_override("lifecycle.ignore_changes", "all")
    with pytest.raises(InvalidInputError, match="to append to the ignore_changes"):
        kept.add_override("lifecycle.ignore_changes", None)


def test_assigned_lifecycles_are_checked(stack: TerraformStack) -> None:
    """A wrong field is refused as at construction."""
    it = StoredCompletion(stack, "it", model="m", prompt="p")
    with pytest.raises(InvalidInputError, match="stack/it: .*prevent_destroy = 'yes': must be True or False"):
        it.lifecycle = {"prevent_destroy": "yes"}


def test_labels_are_no_part_of_the_hash_however_they_are_set(stack: TerraformStack) -> None:
    """An override of metadata, as a tagging aspect makes, asks nothing again."""
    it = StoredCompletion(stack, "it", model="m", prompt="p", metadata={"k": "v"})
    before = template(stack).find_resources("terraform_data")
    it.add_override("metadata.team", "x")
    it.add_override("metadata", {"team": "y"})
    assert template(stack).find_resources("terraform_data") == before
