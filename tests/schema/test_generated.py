"""What is made from the table and checked in: modules and documentation tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import documentation, generate
from tools.hcl_module import module_files
from tools.words import sentence

from openai_constructs.emulator.validation import _NOT_IN_TABLE
from openai_constructs.schema import COMPAT, NATIVE, Attribute, Block, Limits


def test_every_file_is_current() -> None:
    """`make check` finds nothing to generate."""
    assert generate.main("--check") is None


def test_a_stale_file_is_named_with_the_command_that_renews_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One message: which file, made from which one, and what to run. Nothing is written."""
    old, missing = tmp_path / "main.tf", tmp_path / "outputs.tf"
    old.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generated", lambda: {old: "new", missing: "new"})
    message = generate.main("--check")
    table = "the table in src/openai_constructs/schema.py"
    assert message == f"Not current with {table}: main.tf, outputs.tf. Run `make generate`."
    assert (old.read_text(encoding="utf-8"), missing.exists()) == ("old", False)
    assert generate.main() is None
    assert generate.main("--check") is None
    assert old.read_text(encoding="utf-8") == "new"


def test_a_table_that_contradicts_itself_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every contradiction is listed; no file is written."""
    monkeypatch.setattr(generate, "contradictions", lambda *_: ["a: b", "c: d"])
    monkeypatch.setattr(generate, "generated", lambda: pytest.fail("it generated"))
    expected = "The table in src/openai_constructs/schema.py contradicts itself:\na: b\nc: d"
    assert generate.main() == expected


def test_the_native_module_has_no_request_digest() -> None:
    """The native provider sees edits by itself; the public one needs the digest."""
    assert "request.tf" in module_files(COMPAT)
    assert "request.tf" not in module_files(NATIVE)


def test_the_digest_has_every_hashed_argument_and_no_other() -> None:
    """States rely on it: an argument more or less would replace every completion there is."""
    text = module_files(COMPAT)["request.tf"]
    names = {line.split(" = ")[0].strip() for line in text.splitlines() if " = var." in line}
    assert names == COMPAT.chat_completion.hashed_arguments
    assert names == {
        *("model", "messages", "functions", "function_call", "temperature", "top_p", "n", "stream", "stop"),
        *("max_tokens", "presence_penalty", "frequency_penalty", "logit_bias", "user", "store"),
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Attribute("number", "Share", limits=Limits(minimum=0, maximum=1)), "Share, 0 to 1."),
        (Attribute("number", "Count", limits=Limits(minimum=1)), "Count, at least 1."),
        (Attribute("number", "Count", limits=Limits(maximum=5)), "Count, up to 5."),
        (Attribute("string", "Tier", limits=Limits(known=("a", "b", "c"))), "Tier: a, b or c."),
        (Attribute("string", "Tier", limits=Limits(one_of=("a",)), note="Odd."), "Tier: a. Odd."),
        (Attribute("string", "Name", limits=Limits(max_length=9)), "Name, up to 9 characters."),
        (Attribute("bool", "Whether it is so"), "Whether it is so."),
        (
            Block(
                description="Things",
                attributes={"kind": Attribute("string", limits=Limits(one_of=("a", "b")))},
            ),
            "Things. Kinds: a, b.",
        ),
    ],
)
def test_limits_are_told_from_the_table(line: Attribute | Block, expected: str) -> None:
    """Descriptions in modules name the limits of the table."""
    assert sentence(line) == expected


def test_every_documentation_table_is_shown_once() -> None:
    """Each table that can be made has its place in a page."""
    pages = [it.read_text(encoding="utf-8") for it in (generate.ROOT / "docs").rglob("*.md")]
    for name in documentation.TABLES:
        assert sum(it.count(f"<!-- table: {name} -->") for it in pages) == 1, name


def test_the_emulator_lists_no_parameter_of_the_table() -> None:
    """A parameter that moves into the table is no longer listed beside it."""
    assert not _NOT_IN_TABLE.keys() & NATIVE.chat_completion.sent_arguments.keys()
