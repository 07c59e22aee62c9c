"""What an archive or a state has cost, by construct, model, stack and day."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.archive.support import completion, entry

from openai_constructs.archive import Archive
from openai_constructs.archive.cost.report import Cost, dollars
from openai_constructs.archive.cost.spent import construct_of, spent_in_archive
from openai_constructs.archive.query import Filter
from openai_constructs.cli import main

AT = 1_795_000_000_000
DAY = 86_400_000


def run(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
    result = CliRunner().invoke(main, ["cost", *arguments], input=stdin)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def filled(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    archive.record(entry("one", at=AT))
    archive.record(entry("two", at=AT + DAY))
    archive.record(entry("flex", at=AT, completion=completion("flex", model="gpt-5", service_tier="flex")))
    archive.record(entry("new", at=AT, key="other/chat", completion=completion("new", model="gpt-new")))
    archive.record(entry("bare", at=AT, key=""))
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", archive.address.url)
    return archive


def test_an_archive_is_summed_in_every_dimension(filled: Archive) -> None:
    """Each dimension has the same total; cached tokens and the service tier make the price."""
    report = spent_in_archive(filled, Filter()).as_json()
    gpt_4o, gpt_5 = 3_250_000e-9, (800 * 1250 + 200 * 125 + 100 * 10_000) / 2 * 1e-9
    tokens = {"prompt_tokens": 1000, "cached_tokens": 200, "completion_tokens": 100, "reasoning_tokens": 40}

    def line(requests: int, usd: float | None, unknown: int = 0) -> dict[str, Any]:
        return {
            "requests": requests,
            **{name: count * requests for name, count in tokens.items()},
            "usd": usd if usd is None else pytest.approx(usd),
            "unknown_prices": unknown,
        }

    assert report["total"] == {**line(5, 3 * gpt_4o + gpt_5, 1), "is_complete": False}
    assert report["by_construct"] == [
        {"construct": "app-stack/chat", **line(3, 2 * gpt_4o + gpt_5)},
        {"construct": "-", **line(1, gpt_4o)},
        {"construct": "other/chat", **line(1, None, 1)},
    ]
    assert report["by_model"] == [
        {"model": "gpt-4o-2024-08-06", **line(3, 3 * gpt_4o)},
        {"model": "gpt-5", **line(1, gpt_5)},
        {"model": "gpt-new", **line(1, None, 1)},
    ]
    assert [(it["stack"], it["requests"]) for it in report["by_stack"]] == [
        ("app-stack", 3),
        ("-", 1),
        ("other", 1),
    ]
    assert [(it["day"], it["requests"]) for it in report["by_day"]] == [("2026-11-18", 4), ("2026-11-19", 1)]


def test_an_unknown_price_makes_the_total_a_lower_bound(filled: Archive) -> None:
    """A line whose prices are unknown says so, and the total says at least."""
    lines = run("--by", "model").splitlines()
    assert lines[0].split() == ["model", "requests", "prompt", "cached", "answer", "reasoning", "usd"]
    assert lines[4].split() == ["gpt-new", "1", "1,000", "200", "100", "40", "unknown"]
    assert lines[-1].endswith("at least $0.0108")
    assert run("--stack", "app-stack").splitlines()[-1].endswith("  $0.0075")


def test_a_price_that_became_known_is_used(filled: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of a model newer than the price list of its day is priced by the list of today."""
    from genai_prices import calc_price

    def newer(usage: Any, model_ref: str, **rest: Any) -> Any:
        return calc_price(usage, model_ref={"gpt-new": "gpt-4o"}.get(model_ref, model_ref), **rest)

    monkeypatch.setattr("genai_prices.calc_price", newer)
    report = spent_in_archive(filled, Filter())
    assert report.total.unpriced == 0
    assert report.by["model"]["gpt-new"] == Cost(1, 1000, 200, 100, 40, 3_250_000, 0)


def test_filters_choose_what_is_summed(filled: Archive) -> None:
    """The same options as of `archive list`."""
    report = json.loads(run("--json", "--since", "2026-11-19"))
    assert (report["total"]["requests"], report["total"]["is_complete"]) == (1, True)
    assert json.loads(run("--json", "--path", "nowhere"))["total"]["usd"] == 0


def test_a_limit_ends_with_3(filled: Archive) -> None:
    """Above the limit, or where an unknown price may be above it, the exit code is 3."""
    assert run("--max", "1", "--stack", "app-stack")
    assert "Above --max 0.001: $0.0075" in run("--max", "0.001", "--stack", "app-stack", code=3)
    assert "Above --max 1: at least $0.0108" in run("--max", "1", code=3)


def state(*resources: dict[str, Any]) -> str:
    module = {"address": "module.faq", "resources": list(resources)}
    return json.dumps({"format_version": "1.0", "values": {"root_module": {"child_modules": [module]}}})


def resource(address: str = "module.faq.openai_chat_completion.this", **values: Any) -> dict[str, Any]:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    given = {"model": "gpt-4o", "model_used": "gpt-4o-2024-08-06", "created": AT // 1000, "usage": usage}
    return {
        "address": address,
        "mode": "managed",
        "type": "openai_chat_completion",
        "values": {**given, **values},
    }


def test_a_state_is_summed(tmp_path: Path) -> None:
    """Completions of all modules count, data sources and other resources do not."""
    others = [{**resource(), "mode": "data"}, {**resource(), "type": "terraform_data"}]
    file = tmp_path / "prod.json"
    file.write_text(
        state(resource(), resource("openai_chat_completion.stored", model_used="gpt-new"), *others)
    )
    report = json.loads(run("--json", str(file)))
    assert [(it["construct"], it["usd"]) for it in report["by_construct"]] == [
        ("prod/faq", 0.0035),
        ("prod/stored", None),
    ]
    assert run("-", stdin=file.read_text()).splitlines()[2].startswith("faq ")


@pytest.mark.parametrize("values", [{"usage": None}, {"usage": {}, "created": None, "model_used": None}])
def test_a_state_of_another_provider_is_read_as_far_as_it_goes(values: dict[str, Any]) -> None:
    """A completion without usage counts as a request that used nothing known."""
    assert json.loads(run("--json", "-", stdin=state(resource(**values))))["total"]["requests"] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\x1f\x8bbinary", "is not JSON. Use the output of `terraform show -json`"),
        ("[1]", "is neither a plan nor a state"),
        ('{"version": 4, "resources": []}', "is neither a plan nor a state"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_is_neither_is_refused(text: str, words: str) -> None:
    """A saved plan itself, a raw state file, and other JSON."""
    assert words in run("-", stdin=text, code=1)


def test_options_for_archives_are_refused_for_files() -> None:
    """A state has no filter, so none is ignored in silence."""
    assert "apply to an archive, not to files" in run("-", "--model", "x", stdin=state(), code=1)
    assert "cannot be read" in run("nowhere.json", code=1)


def test_without_the_price_list_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report without prices would be no report."""
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert "pip install 'openai-constructs[archive]'" in run("-", stdin=state(), code=1)


@pytest.mark.parametrize(
    ("address", "construct"),
    [
        ("module.faq.openai_chat_completion.this", "faq"),
        ("module.faq.openai_chat_completion.this[0]", "faq"),
        ('module.fleet["a.b"].openai_chat_completion.this', 'fleet["a.b"]'),
        ("openai_chat_completion.stored", "stored"),
        ('openai_chat_completion.stored["x"]', 'stored["x"]'),
        ("module.a.module.b.openai_chat_completion.this", "a.module.b"),
        ("module.a.openai_chat_completion.other", "a.openai_chat_completion.other"),
    ],
)
def test_addresses_are_shown_as_constructs(address: str, construct: str) -> None:
    """The packaged module's inner resource is not shown."""
    assert construct_of(address) == construct


@pytest.mark.parametrize(
    ("nano", "shown"),
    [
        (0, "$0.00"),
        (1, "$0.000000"),
        (123_000, "$0.000123"),
        (12_345_678, "$0.0123"),
        (1234567 * 10**9, "$1,234,567.00"),
    ],
)
def test_amounts_have_the_digits_that_matter(nano: int, shown: str) -> None:
    """Cents where they are worth it, more digits below."""
    assert dollars(nano) == shown
