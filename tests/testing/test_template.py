"""Assertions on the JSON: what passes, and the golden messages of what fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from constructs import Construct
from tests.engine import (
    App,
    S3Backend,
    TerraformOutput,
    TerraformResource,
    TerraformStack,
    TerraformVariable,
)
from tests.support import template

from openai_constructs import (
    BasicChat,
    CompletionLookup,
    InvalidInputError,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.testing import Template, absent, any_value, array_with, object_like, string_like


@pytest.fixture
def made(stack: TerraformStack) -> Template:
    """A stack with a block of every kind."""
    key = TerraformVariable(stack, "key", type="string", sensitive=True)
    OpenaiProvider(stack, "openai", api_key=key)
    OpenaiProvider(stack, "eu", alias="eu", organization="org")
    chat = BasicChat(stack, "chat", model="gpt-4o", prompt="Say hello to Terraform.", max_tokens=50)
    StoredCompletion(stack, "one", model="gpt-4o", prompt="p", metadata={"team": "red"})
    StoredCompletion(Construct(stack, "team"), "two", model="gpt-4.1", prompt="q", temperature=0.5)
    CompletionLookup(stack, "look", completion_id="chatcmpl-1", enable_chat_completions_store=True)
    TerraformOutput(stack, "answer", value=chat.content, sensitive=True)
    return Template.from_stack(stack)


def test_what_is_there(made: Template) -> None:
    """Every kind of block is found by its label and by a part of its arguments, exactly if asked to."""
    made.has_resource("openai_chat_completion")
    made.has_resource("openai_chat_completion", {"metadata": {"team": string_like("^r")}}, name="one")
    made.has_resource("openai_chat_completion", {"metadata": absent()}, name="team/two")
    made.has_resource("openai_chat_completion", object_like({"model": "gpt-4.1"}), name=string_like("two"))
    made.has_data_source("openai_chat_completion", {"completion_id": "chatcmpl-1"}, exact=True)
    made.has_provider("openai", {"alias": "eu", "organization": any_value()}, exact=True)
    made.has_module("chat", {"messages": array_with([{"role": "user"}])})
    made.has_module(string_like("^ch"))
    made.has_output("answer", {"value": "${module.chat.content}", "sensitive": True}, exact=True)
    made.has_variable("key", {"type": "string", "default": absent()})
    made.matches({"terraform": {"required_providers": {"openai": {"source": "mkdev-me/openai"}}}})


def test_counts(made: Template) -> None:
    """All of a kind, or those like a pattern; none, if none is asked for."""
    made.count_resources("openai_chat_completion", 2)
    made.count_resources("openai_chat_completion", 1, {"temperature": any_value()})
    made.count_resources("aws_instance", 0)
    made.count_data_sources("openai_chat_completion", 1)
    made.count_providers("openai", 2)
    made.count_modules(1, {"model": "gpt-4o"})
    made.count_outputs(1)
    made.count_variables(0, {"type": "bool"})


def test_what_is_found(made: Template) -> None:
    """The blocks themselves by name, without the engine's comments."""
    found = made.find_resources("openai_chat_completion", {"model": "gpt-4o"})
    assert list(found) == ["one"]
    assert found["one"]["messages"] == [{"content": "p", "role": "user"}]
    assert "//" not in found["one"]
    assert made.find_data_sources("openai_chat_completion") == {"look": {"completion_id": "chatcmpl-1"}}
    assert list(made.find_providers("openai")) == ["default", "eu"]
    assert made.find_modules(name="chat")["chat"]["max_tokens"] == 50
    assert list(made.find_variables({"sensitive": True})) == ["key"]
    assert list(made.find_outputs({"sensitive": True}, name="answer")) == ["answer"]
    assert made.outputs == {"answer": "${module.chat.content}"}


FAILURES: dict[str, tuple[Callable[[Template], object], str]] = {
    "wrong arguments": (
        lambda it: it.has_resource(
            "openai_chat_completion",
            {"model": "gpt-4", "metadata": {"team": "red", "cost": any_value()}, "store": True},
        ),
        """\
No resource 'openai_chat_completion' has these arguments:
  {"model": "gpt-4", "metadata": {"team": "red", "cost": any_value()}, "store": true}
The nearest of 2 is openai_chat_completion.one (stack/one), with 2 differences:
  model
    expected: "gpt-4"
    actual:   "gpt-4o"
  metadata.cost
    expected: any_value()
    actual:   (nothing)
Then:
  openai_chat_completion.team_two_65C5C5F2 (stack/team/two), 2 differences: model, metadata""",
    ),
    "wrong arguments of the one that is named": (
        lambda it: it.has_module("chat", {"messages": [{"content": "Say hello to Terraform!"}]}),
        """\
No module has these arguments:
  {"messages": [{"content": "Say hello to Terraform!"}]}
The nearest is module.chat (stack/chat), with 1 difference:
  messages[0].content
    expected: "Say hello to Terraform!"
    actual:   "Say hello to Terraform.\"""",
    ),
    "more than exactly": (
        lambda it: it.has_output("answer", {"value": string_like("chat")}, exact=True),
        """\
No output has exactly these arguments:
  {"value": string_like('chat')}
The nearest is output.answer, with 1 difference:
  sensitive
    expected: (nothing)
    actual:   true""",
    ),
    "a misspelt type": (
        lambda it: it.find_resources("openai_chat_completions"),
        (
            "There is no resource 'openai_chat_completions'. The stack has: openai_chat_completion (2), "
            "terraform_data (2). Did you mean 'openai_chat_completion'?"
        ),
    ),
    "a misspelt name": (
        lambda it: it.has_resource("openai_chat_completion", name="onne"),
        (
            "There is no resource 'openai_chat_completion' named 'onne'. The stack has: "
            "openai_chat_completion.one (stack/one), "
            "openai_chat_completion.team_two_65C5C5F2 (stack/team/two). Did you mean 'one'?"
        ),
    ),
    "no such data source": (
        lambda it: it.has_data_source("openai_chat_completions"),
        (
            "There is no data source 'openai_chat_completions'. The stack has: openai_chat_completion (1). "
            "Did you mean 'openai_chat_completion'?"
        ),
    ),
    "no such provider": (
        lambda it: it.has_provider("aws"),
        "There is no provider 'aws'. The stack has: openai (2).",
    ),
    "a wrong provider": (
        lambda it: it.has_provider("openai", {"timeout": 5}),
        """\
No provider 'openai' has these arguments:
  {"timeout": 5}
The nearest of 2 is provider.openai.default, with 1 difference:
  timeout
    expected: 5
    actual:   (nothing)
Then:
  provider.openai.eu, 1 difference: timeout""",
    ),
    "no such variable": (
        lambda it: it.has_variable("kye"),
        "There is no variable 'kye'. The stack has: var.key. Did you mean 'key'?",
    ),
    "no such output": (
        lambda it: it.has_output(string_like("^x")),
        "There is no output string_like('^x'). The stack has: output.answer.",
    ),
    "too few": (
        lambda it: it.count_resources("openai_chat_completion", 2, {"metadata": {"team": "red"}}),
        """\
Expected 2 resources 'openai_chat_completion' like {"metadata": {"team": "red"}}; there are 1.
  openai_chat_completion.one (stack/one)
The nearest of the others is openai_chat_completion.team_two_65C5C5F2 (stack/team/two), with 1 difference:
  metadata
    expected: {"team": "red"}
    actual:   (nothing)""",
    ),
    "too many": (
        lambda it: it.count_modules(0),
        "Expected 0 modules; there are 1.\n  module.chat (stack/chat)",
    ),
    "none at all": (
        lambda it: it.count_data_sources("aws_ami", 1),
        "Expected 1 data source 'aws_ami'; there are 0.",
    ),
    "the whole": (
        lambda it: it.matches({"module": {"chat": {"model": "gpt-4"}}, "locals": any_value()}),
        """\
The stack stack differs:
module.chat.model
  expected: "gpt-4"
  actual:   "gpt-4o"
locals
  expected: any_value()
  actual:   (nothing)""",
    ),
    "no such chat": (
        lambda it: it.chat("chatt"),
        (
            "There is no chat 'chatt'. The stack has: module.chat (stack/chat), openai_chat_completion.one "
            "(stack/one), openai_chat_completion.team_two_65C5C5F2 (stack/team/two). Did you mean 'chat'?"
        ),
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failures_show_the_fault(made: Template, failure: str) -> None:
    """What was wanted, what comes nearest with its differences in full, what else there is."""
    assertion, message = FAILURES[failure]
    with pytest.raises(AssertionError) as error:
        assertion(made)
    assert str(error.value) == message


def test_nothing_passes_over_nothing(stack: TerraformStack) -> None:
    """In an empty stack every assertion fails, but one that asks for nothing."""
    made = template(stack)
    for assertion, message in [
        (made.find_chats, "The stack has no chats."),
        (lambda: made.chat("x"), "There is no chat 'x'. The stack has no chats."),
        (made.find_modules, "There is no module. The stack has no modules."),
        (made.find_outputs, "There is no output. The stack has no outputs."),
        (made.find_variables, "There is no variable. The stack has no variables."),
        (lambda: made.find_resources("a"), "There is no resource 'a'. The stack has no resources."),
    ]:
        with pytest.raises(AssertionError) as error:
            assertion()  # type: ignore[operator]
        assert str(error.value) == message
    made.count_modules(0)


def test_two_chats_of_one_name() -> None:
    """A name that two chats have is no answer."""
    chat = {"model": "m", "messages": []}
    made = Template({"module": {"it": chat}, "resource": {"openai_chat_completion": {"it": chat}}})
    with pytest.raises(AssertionError) as error:
        made.chat("it")
    assert str(error.value) == (
        "Several chats are named 'it'. Use an address: module.it, openai_chat_completion.it."
    )
    assert made.chat("module.it").address == "module.it"


def test_many_candidates_are_cut_short() -> None:
    """Five others are listed, and how many more there are."""
    made = Template({"output": {f"o{n}": {"value": n} for n in range(9)}})
    with pytest.raises(AssertionError, match=r"\n  and 3 more\Z"):
        made.has_output(any_value(), {"value": 10})


def test_absent_where_there_is_no_key(made: Template) -> None:
    """It is refused before anything is compared."""
    for assertion in (made.has_resource, made.find_resources):
        with pytest.raises(InvalidInputError, match=r"resource x: pattern.a\[0\] = .*must be no absent\(\)"):
            assertion("x", {"a": [absent()]})
    with pytest.raises(InvalidInputError, match="must be no absent"):
        made.count_modules(1, absent())
    with pytest.raises(InvalidInputError, match="must be no absent"):
        made.matches(absent())  # type: ignore[arg-type]


def test_any_stack_of_the_engine(stack: TerraformStack) -> None:
    """Constructs of others are found like ours."""
    it = TerraformResource(stack, "bucket", terraform_resource_type="aws_s3_bucket")
    it.add_override("tags", {"//": "kept", "a": "b"})
    made = template(stack)
    made.has_resource("aws_s3_bucket", {"tags": {"//": "kept", "a": "b"}}, name="bucket", exact=True)


def test_all_stacks_of_an_app(app: App) -> None:
    """Each by its name, after those it reads from; a name that no stack has is told with those that are."""
    here, there = TerraformStack(app, "z_here"), TerraformStack(app, "a_there")
    S3Backend(here, bucket="b", key="k", region="r")
    TerraformOutput(there, "o", value=f"{TerraformVariable(here, 'v').string_value}!")
    templates = Template.from_app(app)
    assert list(templates) == ["z_here", "a_there"]
    templates["z_here"].matches({"terraform": {"backend": {"s3": {"bucket": "b"}}}})
    assert "terraform_remote_state" in templates["a_there"].outputs["o"]
    templates["a_there"].has_data_source("terraform_remote_state", {"backend": "s3"})
    with pytest.raises(AssertionError) as error:
        templates["here"]
    assert str(error.value) == "There is no stack 'here'. The app has z_here, a_there."


def test_the_made_up_backend_is_left_out(stack: TerraformStack) -> None:
    """The engine's own backend is a path of this machine; a backend of the stack's own stays."""
    assert template(stack).to_json() == {}
    again = Template.from_json(
        '{"terraform": {"backend": {"local": {"path": "terraform.s.tfstate"}}}}', name="s"
    )
    assert again.to_json() == {"terraform": {"backend": {"local": {"path": "terraform.s.tfstate"}}}}


def test_parsed_json(made: Template) -> None:
    """A template of parsed or of written JSON is the same; the copy that is given away changes nothing."""
    copied = made.to_json()
    assert Template(copied).to_json() == Template.from_json(json.dumps(copied)).to_json() == copied
    copied.clear()
    assert made.to_json() != {}
    assert repr(made) == "Template('stack')"
    for wrong in ("[]", "{"):
        with pytest.raises(ValueError, match="Terraform JSON is an object|Expecting"):
            Template.from_json(wrong)


def test_an_app_is_no_stack(app: App) -> None:
    """What to call instead is said."""
    given: Any = app
    with pytest.raises(TypeError, match="This is an app: use Template.from_app"):
        Template.from_stack(given)
