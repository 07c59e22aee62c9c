"""What a plan will cost: its paid requests, each with a range."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.archive.support import completion, entry

from openai_constructs.archive import Archive
from openai_constructs.cli import main

PROMPT = [{"role": "user", "content": "word " * 800}]


def run(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
    result = CliRunner().invoke(main, ["cost", *arguments], input=stdin)
    assert result.exit_code == code, result.output
    return result.output


def change(name: str = "faq", actions: tuple[str, ...] = ("create",), **values: Any) -> dict[str, Any]:
    unknown = values.pop("unknown", {"id": True})
    extra = values.pop("extra", {})
    return {
        "address": f"module.{name}.openai_chat_completion.this",
        "mode": "managed",
        "type": "openai_chat_completion",
        "change": {
            "actions": list(actions),
            "after": {"model": "gpt-4o", "messages": PROMPT, "max_tokens": None, **values},
            "after_unknown": unknown,
            **extra,
        },
    }


def estimates(*changes: dict[str, Any], options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    plan = json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": list(changes)})
    found: list[dict[str, Any]] = json.loads(run("-", "--json", *options, stdin=plan))["completions"]
    return found


def test_only_what_asks_is_paid_for() -> None:
    """Creations, replacements and updates with an unknown answer; labels, reads and imports cost nothing."""
    found = estimates(
        change("a"),
        change("b", ("delete", "create")),
        change("c", ("create", "delete")),
        change("d", ("update",), unknown={"choices": True}),
        change("e", ("update",), unknown={}),
        change("f", ("update",), unknown={"metadata": {}}),
        change("g", ("no-op",)),
        change("h", ("delete",)),
        change("i", ("create",), extra={"importing": {"id": "x"}}),
        {**change("j"), "mode": "data"},
        {**change("k"), "type": "terraform_data"},
    )
    assert [(it["construct"], it["action"]) for it in found] == [
        ("a", "create"),
        ("b", "replace"),
        ("c", "replace"),
        ("d", "update"),
    ]


def test_the_range_comes_from_the_prompt_and_the_limit() -> None:
    """Prompt tokens by length, answer tokens up to max_tokens times n."""
    (one,) = estimates(change(max_tokens=300, n=2))
    low, expected, high = one["prompt_tokens"]
    assert 600 < low < expected < high < 1800
    assert one["completion_tokens"] == [2, 300, 600]
    assert one["usd"][2] == pytest.approx((high * 2.5 + 600 * 10) / 1e6, rel=0.01)
    (other,) = estimates(change(max_completion_tokens=100, max_tokens=300))
    assert other["completion_tokens"][2] == 100


def test_without_a_limit_the_assumption_is_said_and_can_be_changed() -> None:
    """No request is counted as free because it has no limit."""
    (one,) = estimates(change())
    assert (one["completion_tokens"][2], one["basis"]) == (1000, "no limit: 1000 tokens assumed")
    (two,) = estimates(change(), options=("--answer-tokens", "50"))
    assert two["completion_tokens"][2] == 50


def test_text_in_other_scripts_has_more_tokens() -> None:
    """A character outside ASCII is counted as more than a quarter of a token."""
    (latin,) = estimates(change(messages=[{"role": "user", "content": "a" * 1000}]))
    (other,) = estimates(change(messages=[{"role": "user", "content": "語" * 1000}]))
    assert other["prompt_tokens"][1] > 3 * latin["prompt_tokens"][1]


def test_earlier_answers_of_the_construct_make_the_estimate_better(archive: Archive) -> None:
    """The archive knows how long this construct's answers are."""
    for number, tokens in enumerate((100, 200, 300)):
        usage = {"prompt_tokens": 5000, "completion_tokens": tokens}
        archive.record(entry(f"c{number}", completion=completion(f"c{number}", usage=usage)))
    options = ("--archive", archive.address.url)
    (one,) = estimates(change(idempotency_key="app-stack/chat"), options=options)
    assert (one["completion_tokens"], one["basis"]) == ([100, 200, 600], "3 earlier answers")
    (limited,) = estimates(change(idempotency_key="app-stack/chat", max_tokens=250), options=options)
    assert limited["completion_tokens"] == [100, 200, 250]
    (other,) = estimates(change(idempotency_key="app-stack/other"), options=options)
    assert other["basis"].startswith("no limit")
    unknown = change(idempotency_key="app-stack/chat", unknown={"id": True, "messages": [{"content": True}]})
    (open_prompt,) = estimates(unknown, options=options)
    assert open_prompt["prompt_tokens"][1:] == [5000, 5000]


@pytest.mark.parametrize("values", [{"model": "gpt-new"}, {"model": None}])
def test_an_unknown_price_cannot_pass_a_limit(values: dict[str, Any]) -> None:
    """A model without a price, or one that is known after the apply only, is unknown."""
    plan = json.dumps({"resource_changes": [change(**values), change("b")]})
    shown = json.loads(run("-", "--json", stdin=plan))
    assert shown["completions"][0]["usd"] is None
    assert (shown["unknown_prices"], shown["usd"]["is_complete"]) == (1, False)
    assert "Above --max 100: at least $" in run("-", "--max", "100", stdin=plan, code=3)


def test_a_limit_is_compared_with_the_most_it_may_cost() -> None:
    """Exit code 3 above it, 0 up to it; a plan that asks nothing passes any limit."""
    plan = json.dumps({"resource_changes": [change(max_tokens=100_000)]})
    assert "\n1 paid request " in run("-", "--max", "1.1", stdin=plan)
    assert "Above --max 0.9" in run("-", "--max", "0.9", stdin=plan, code=3)
    assert run("-", "--max", "0", stdin='{"resource_changes": []}') == "0 paid requests: $0.00\n"
    assert run("-", "--max", "0", stdin='{"format_version": "1.2", "planned_values": {}}').startswith(
        "0 paid"
    )


def test_several_plans_are_one_forecast(tmp_path: Path) -> None:
    """Constructs are named with their stack then; plans and states do not mix."""
    for name in ("dev", "prod"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"resource_changes": [change()]}))
    (tmp_path / "state.json").write_text('{"format_version": "1.0"}')
    output = run(str(tmp_path / "dev.json"), str(tmp_path / "prod.json"))
    assert [line.split()[0] for line in output.splitlines()[2:4]] == ["dev/faq", "prod/faq"]
    assert "of one kind" in run(str(tmp_path / "dev.json"), str(tmp_path / "state.json"), code=1)
