"""A new line of the table is all that a native parameter needs: it is added to a copy of the table here.

What type checkers need, the typed field, is compared with the table in tests/cdk/test_parameters.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import hcl2
import pytest
from tests.provider.native.native_direct import Direct, config
from tf.gen import tfplugin_pb2 as pb
from tf.utils import read_dynamic_value
from tools.contradictions import contradictions
from tools.documentation import argument_table
from tools.hcl_module import module_files
from tools.words import allowed

from openai_constructs.emulator import Emulator, app
from openai_constructs.emulator.errors import ApiError
from openai_constructs.emulator.validation import check_create, parameter_checks
from openai_constructs.provider.core.blocks import Unknown
from openai_constructs.provider.core.protocol import Servicer
from openai_constructs.provider.native.chat_completion import ChatCompletion
from openai_constructs.provider.native.planning import plan_change
from openai_constructs.provider.native.provider import NativeProvider
from openai_constructs.provider.native.request import hashed_body, request_body
from openai_constructs.schema import NATIVE, Attribute, Limits
from openai_constructs.schema_types import UNLIMITED
from openai_constructs.values.checks import Checks
from openai_constructs.values.request import request_arguments


def line(kind: Any, name: str, limits: Limits = UNLIMITED, **fields: Any) -> Attribute:
    fields = {"sent": "value", "hashed": True, "echoed": name, **fields}
    return Attribute(kind, f"Made up {name}", optional=True, limits=limits, native=True, **fields)


LINES = {
    "a_text": line("string", "a_text", Limits(max_length=5)),
    "a_number": line("number", "a_number", Limits(minimum=1, maximum=5, integer=True)),
    "a_flag": line("bool", "a_flag"),
    "a_list": line(("list", "string"), "a_list", Limits(min_items=1, max_items=2, max_length=5)),
    "a_map": line(("map", "string"), "a_map", Limits(max_items=1, max_key_length=5, max_length=5)),
    "a_json": line("string", "a_json", sent="json"),
}
BLOCK = replace(NATIVE.chat_completion, attributes={**NATIVE.chat_completion.attributes, **LINES})
EDITION = NATIVE._replace(chat_completion=BLOCK)

# Name, a value as Terraform has it, the same in the HTTP body, another value, values outside of the limits.
CASES = [
    ("a_text", "short", "short", "other", ["longer"]),
    ("a_number", 3, 3, 5, [0, 6, 1.5]),
    ("a_flag", False, False, True, []),
    ("a_list", ["a", "b"], ["a", "b"], ["b"], [["a", "b", "c"], ["longer"]]),
    ("a_map", {"k": "v"}, {"k": "v"}, {"k": "w"}, [{"k": "", "l": ""}, {"longer": ""}, {"k": "longer"}]),
    ("a_json", '{"b":[1],"c":"<"}'.replace("<", "\\u003c"), {"b": [1], "c": "<"}, '{"b":2}', ["[]", "{"]),
]
each = pytest.mark.parametrize(("name", "value", "sent", "other", "refused"), CASES, ids=list(LINES))


class Completion(ChatCompletion):
    table = BLOCK


class Provider(NativeProvider):
    resources = (Completion,)

    def resource(self) -> Completion:
        return Completion(self.session)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator that knows the copy of the table."""
    monkeypatch.setattr(app, "Application", partial(app.Application, block=BLOCK))
    with Emulator() as running:
        yield running


@pytest.fixture
def direct(emulator: Emulator) -> Iterator[Direct]:
    """A provider that knows it, at that emulator."""
    at = Direct(emulator.url)
    provider = Provider()
    provider.session = at.provider.session
    at.provider, at.servicer = provider, Servicer(provider)
    yield at
    provider.session.api.close()


def configuration(**arguments: Any) -> dict[str, Any]:
    return {**dict.fromkeys(LINES), **config(store=True, **arguments)}


def test_the_copy_agrees_with_itself() -> None:
    """The made-up lines contradict nothing."""
    assert contradictions(EDITION) == []


@each
def test_the_module_has_it(name: str, value: Any, sent: Any, other: Any, refused: list[Any]) -> None:
    """A variable with type, description and limits, that is passed on to the resource."""
    files = module_files(EDITION)
    variables = hcl2.loads(files["variables.tf"])["variable"]
    (variable,) = (it[f'"{name}"'] for it in variables if f'"{name}"' in it)
    kind = LINES[name].type
    assert variable["type"].strip("${}") == (kind if isinstance(kind, str) else f"{kind[0]}({kind[1]})")
    assert variable["description"].strip('"').startswith(f"Made up {name}")
    assert variable["default"] in (None, "null")
    assert ("validation" in variable) == bool(refused)
    resource = hcl2.loads(files["main.tf"])["resource"][0]['"openai_chat_completion"']['"this"']
    assert resource[name] == f"${{var.{name}}}"


@each
def test_constructs_take_and_check_it(
    name: str, value: Any, sent: Any, other: Any, refused: list[Any]
) -> None:
    """It goes to the provider as it was given, and outside of its limits it is a problem."""
    given = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    checks = Checks()
    assert request_arguments(checks, {**given, name: value}, EDITION)[name] == value
    assert checks.problems == []
    for bad in refused:
        checks = Checks()
        request_arguments(checks, {**given, name: bad}, EDITION)
        assert [it.argument.partition("[")[0].partition(" ")[0] for it in checks.problems] == [name], bad


@each
def test_it_is_sent_and_hashed(name: str, value: Any, sent: Any, other: Any, refused: list[Any]) -> None:
    """The body has it, and so has the part that makes the request another one; left out, it is in neither."""
    body = request_body(BLOCK, configuration(**{name: value}))
    assert body[name] == sent
    assert hashed_body(BLOCK, body)[name] == sent
    assert name not in request_body(BLOCK, configuration())


@each
def test_its_edit_is_another_request(
    name: str, value: Any, sent: Any, other: Any, refused: list[Any]
) -> None:
    """A change of it sends the request again, which a plan shows by an unknown id."""
    before = plan_change(BLOCK, None, configuration(**{name: value})).state | {"id": "chatcmpl-1"}
    assert plan_change(BLOCK, before, configuration(**{name: other})).state["id"] is Unknown
    assert plan_change(BLOCK, before, configuration(**{name: value})).state["id"] == "chatcmpl-1"


def test_a_json_text_that_is_written_otherwise_is_no_edit() -> None:
    """Spaces and the order of keys are not sent, so they request nothing."""
    before = plan_change(BLOCK, None, configuration(a_json='{"a":1,"b":2}')).state | {"id": "chatcmpl-1"}
    planned = plan_change(BLOCK, before, configuration(a_json='{ "b": 2.0, "a": 1 }')).state
    assert (planned["id"], planned["a_json"]) == ("chatcmpl-1", '{"a":1,"b":2}')


@each
def test_the_emulator_bounds_it(name: str, value: Any, sent: Any, other: Any, refused: list[Any]) -> None:
    """As the API would: the value passes, those outside of the limits and of another type are refused."""
    checks = parameter_checks(BLOCK)
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    check_create({**body, name: sent}, checks)
    for bad in [*(() if name == "a_json" else refused), object()]:
        with pytest.raises(ApiError) as error:
            check_create({**body, name: bad}, checks)
        assert str(error.value.param).startswith(name)


@each
def test_it_lives_through_create_read_and_import(
    direct: Direct, emulator: Emulator, name: str, value: Any, sent: Any, other: Any, refused: list[Any]
) -> None:
    """Sent over HTTP, kept in the state, returned by the store and read from there."""
    state, problems = direct.apply(None, configuration(**{name: value}))
    assert problems == []
    assert state[name] == value
    assert emulator.requests()[-1]["body"][name] == sent
    assert direct.read(state)[0][name] == value
    request = pb.ImportResourceState.Request(type_name="openai_chat_completion", id=state["id"])
    (found,) = direct.servicer.ImportResourceState(request, None).imported_resources
    imported = read_dynamic_value(found.state)
    assert imported[name] == value
    assert {it: imported[it] for it in LINES if it != name} == dict.fromkeys(LINES.keys() - {name})


@each
def test_the_native_provider_refuses_it_at_plan(
    direct: Direct, name: str, value: Any, sent: Any, other: Any, refused: list[Any]
) -> None:
    """Before anything is paid, with the name of the argument."""
    for bad in refused:
        request = pb.ValidateResourceConfig.Request(type_name="openai_chat_completion")
        request.config.json = json.dumps(configuration(**{name: bad})).encode()
        answer = direct.servicer.ValidateResourceConfig(request, None)
        assert [it.summary for it in answer.diagnostics if name in it.summary], bad


def test_the_documentation_shows_it() -> None:
    """A row with description, type and limits."""
    rows = argument_table(LINES).splitlines()[2:]
    assert rows == [
        "| `a_text` | Made up a_text | string | up to 5 characters |",
        "| `a_number` | Made up a_number | number | 1 to 5 |",
        "| `a_flag` | Made up a_flag | bool |  |",
        "| `a_list` | Made up a_list | list of strings | up to 2 |",
        f"| `a_map` | Made up a_map | map of strings | {allowed(LINES['a_map'])} |",
        "| `a_json` | Made up a_json | JSON text |  |",
    ]
