"""Any configuration, from its validation to the plan after its apply: what always holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.provider.direct import Direct, config, replaced, told
from tests.provider.loopback import completion
from tests.support import sized
from tf.types import Unknown
from tf.utils import read_dynamic_value

from openai_constructs.schema import CHAT_COMPLETION, CHAT_COMPLETIONS_DATA, Attribute, Block

ERRORS = ("The released provider crashes here", "error serializing request: ", "error parsing response: ")
COUNTED = ("prompt_tokens", "completion_tokens", "total_tokens")


def as_terraform_sends_it(number: float) -> Any:
    """Whole numbers of 64 bits as such, others as a float or, here and there, as decimal text."""
    return int(number) if number.is_integer() and -(2.0**63) <= number < 2.0**63 else number


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["", "a", "{}", "auto"]
)
INTEGERS = st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(
    INTEGERS,
    st.floats(allow_nan=False, allow_infinity=False).map(as_terraform_sends_it),
    st.decimals(-2, 2, places=3).filter(lambda it: it % 1).map(str),
)
JSON_TEXTS = st.sampled_from(["{}", '{"type": "object"}', "[1e400]", r'"\ud800"'] * 4 + ["NaN", "{", ""])


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def values_of(attribute: Attribute) -> st.SearchStrategy[Any]:
    """Values of an argument: mostly those that pass."""
    limits = attribute.accepts
    if limits.one_of:
        return st.sampled_from([*limits.one_of * 9, "other"])
    if limits.minimum is not None and limits.maximum is not None:
        within = st.integers(int(limits.minimum), int(limits.maximum))
        if not attribute.limits.integer:
            within |= st.decimals(limits.minimum, limits.maximum, places=3).filter(lambda it: it % 1).map(str)
        return mostly(within, NUMBERS)
    match attribute.type:
        case "string":
            return TEXTS
        case "bool":
            return st.booleans()
        case "number":
            return mostly(INTEGERS, NUMBERS) if attribute.limits.integer else NUMBERS
        case ("list", _):
            return mostly(st.lists(TEXTS, max_size=4), st.lists(nullable(TEXTS), max_size=5))
        case ("map", kind):
            entries = NUMBERS if kind == "number" else TEXTS
            return st.dictionaries(TEXTS, nullable(entries), max_size=3)
    raise AssertionError(attribute.type)


def mostly(often: st.SearchStrategy[Any], seldom: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda it: seldom if it == 9 else often)


def blocks_of(block: Block, *, fewest: int = 0, most: int = 2) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        name: values_of(it) if it.required else nullable(values_of(it))
        for name, it in block.attributes.items()
        if not it.computed
    }
    fields |= {name: st.none() for name, it in block.attributes.items() if it.computed}
    fields |= {name: blocks_of(it, most=it.max_items or 2) for name, it in block.blocks.items()}
    if "parameters" in fields:
        fields["parameters"] = JSON_TEXTS
    return st.lists(st.fixed_dictionaries(fields), min_size=fewest, max_size=most)


MESSAGES = blocks_of(CHAT_COMPLETION.blocks["messages"], fewest=1)
ARGUMENTS = {
    name: values_of(it) for name, it in CHAT_COMPLETION.attributes.items() if it.optional and name != "id"
}
OPTIONAL = {
    **{name: it for name, it in ARGUMENTS.items() if name not in ("imported", "_imported_resource")},
    "functions": blocks_of(CHAT_COMPLETION.blocks["functions"]),
    "choices": blocks_of(CHAT_COMPLETION.blocks["choices"], most=1),
}
CHANGEABLE = {**OPTIONAL, "messages": MESSAGES}
CONFIGURATIONS = st.fixed_dictionaries({"messages": MESSAGES}, optional=OPTIONAL).map(
    lambda arguments: config(**arguments)
)
EDITS = st.sets(st.sampled_from(sorted(CHANGEABLE)), min_size=1, max_size=2).flatmap(
    lambda names: st.fixed_dictionaries({name: CHANGEABLE[name] for name in sorted(names)})
)

CALLS = nullable(st.fixed_dictionaries({"name": TEXTS, "arguments": TEXTS}))
ANSWERS = st.builds(
    lambda message, usage: {**completion("c", message), **({} if usage else {"usage": None})},
    st.fixed_dictionaries(
        {"role": TEXTS, "content": nullable(TEXTS | st.just("\ud800"))},
        optional={"function_call": CALLS, "name": TEXTS, "refusal": st.none()},
    ),
    st.booleans(),
) | st.sampled_from([{}, {"id": "c"}, {"id": 5}, {"id": "c", "choices": {}}, [], "text"])


class Answering:
    """Takes the place of the client: it answers a request with what it is given."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.bodies = answer, list[dict[str, Any]]()

    def post(self, path: str, body: str) -> str:
        self.bodies.append(json.loads(body, parse_constant=lambda name: pytest_fail(name)))
        return json.dumps(self.answer)


def pytest_fail(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def as_saved(value: Any) -> Any:
    """A state as Terraform saves it: every number by its digits."""
    if isinstance(value, dict):
        return {name: as_saved(it) for name, it in value.items()}
    if isinstance(value, list):
        return [as_saved(it) for it in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value


def created(direct: Direct, arguments: Mapping[str, Any]) -> Any:
    """The state of a completion; ``None`` where one of the foreseen errors says why there is none."""
    if any(problems_of(direct, arguments)):
        return None
    state, problems = direct.change(None, arguments)
    assert len(problems) <= 1
    assert all(it.startswith(ERRORS) for it in problems)
    if state is None:
        answer = direct.servicer.app.client.answer
        assert problems or not isinstance(answer, dict) or not answer.get("id")
    return state


def problems_of(direct: Direct, arguments: Mapping[str, Any]) -> list[str]:
    """What a validation and a plan refuse."""
    problems = [*direct.check(arguments), *told(direct.plan(None, arguments))]
    assert not [it for it in problems if it.startswith("Unexpected error")]
    return problems


def is_said(arguments: Mapping[str, Any], name: str) -> bool:
    return arguments[name] not in (None, "", [], {}, 0, False)


@settings(max_examples=sized(3000, 300))
@given(CONFIGURATIONS, ANSWERS)
def test_the_plan_after_an_apply_is_empty(arguments: dict[str, Any], answer: Any) -> None:
    """Whatever is configured and answered: one request or a foreseen error, and no change after it."""
    client = Answering(answer)
    direct = Direct(client)  # type: ignore[arg-type]  # as far as it goes
    state = created(direct, arguments)
    assert len(client.bodies) <= 1
    for body in client.bodies:
        assert not [name for name, it in body.items() if not it and name != "messages"]
    if state is not None:
        assert state["id"] == state["chat_completion_id"] == "c"
        assert set(state["usage"]) == set(COUNTED)
        assert direct.second_plan(direct.saved(as_saved(state)), arguments) == {}
        assert len(client.bodies) == 1


@settings(max_examples=sized(3000, 300))
@given(CONFIGURATIONS, EDITS)
def test_an_edit_is_no_change_a_replacement_or_refused(before: dict[str, Any], edit: dict[str, Any]) -> None:
    """An edit in place is refused and kept, and no request is made for it."""
    after = {**before, **edit}
    client = Answering(completion("c", {"role": "assistant", "content": "x"}))
    direct = Direct(client)  # type: ignore[arg-type]  # as far as it goes
    state = created(direct, before)
    if state is None or any(problems_of(direct, after)):
        return
    refreshed, _ = direct.read(state)
    plan = direct.plan(refreshed, after)
    planned = read_dynamic_value(plan.planned_state)
    changed = {name for name, it in planned.items() if it != refreshed[name]}
    assert set(replaced(plan)) <= changed
    if replaced(plan) or not changed:
        return
    kept, problems = direct.change(refreshed, after)
    assert problems == ["chat completions are immutable and cannot be updated"]
    assert direct.second_plan(kept, after) == {}
    assert len(client.bodies) == 1


@settings(max_examples=sized(2000, 200))
@given(CONFIGURATIONS, st.sets(st.sampled_from(sorted(ARGUMENTS)), max_size=3))
def test_what_is_known_late_contradicts_no_plan(arguments: dict[str, Any], late: set[str]) -> None:
    """A plan with values that are not known yet says nothing that the plan with them does not say."""
    direct = Direct(Answering({}))  # type: ignore[arg-type]  # as far as it goes
    early = {**arguments, **dict.fromkeys(late, Unknown)}
    if any(problems_of(direct, arguments)) or any(problems_of(direct, early)):
        return
    first = read_dynamic_value(direct.plan(None, early).planned_state)
    second = read_dynamic_value(direct.plan(None, arguments).planned_state)
    assert {name for name, it in first.items() if it is not Unknown and it != second[name]} == set()


PAGES = st.fixed_dictionaries(
    {},
    optional={
        name: nullable(values_of(it))
        for name, it in CHAT_COMPLETIONS_DATA.attributes.items()
        if it.optional and name != "id"
    },
)


@settings(max_examples=sized(1000, 100))
@given(PAGES)
def test_a_lookup_never_crashes(arguments: dict[str, Any]) -> None:
    """There is always a result or an error; what is read back is what was written, or null."""

    class Client:
        def get(self, path: str) -> str:
            return '{"data": [], "has_more": false}'

    direct = Direct(Client())  # type: ignore[arg-type]  # as far as it goes
    query = {**dict.fromkeys(CHAT_COMPLETIONS_DATA.attributes), **arguments}
    if direct.check_data("openai_chat_completions", **query):
        return
    found, problems = direct.lookup("openai_chat_completions", **query)
    assert not problems
    assert {name for name in arguments if found[name] != arguments[name] and is_said(arguments, name)} <= {
        "metadata"
    }
