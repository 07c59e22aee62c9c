"""The commands that read an archive, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.archive.support import completion, entry, request

from openai_constructs.archive import Archive
from openai_constructs.archive.query import Filter, moment, prune, rows
from openai_constructs.cli import main
from openai_constructs.errors import ArchiveError

AT = 1_790_000_000_000


@pytest.fixture
def filled(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive with answers of two stacks, named by the environment."""
    archive.record(entry("one", at=AT, metadata={"team": "docs", "we.ird \"key'": "50%"}))
    archive.record(entry("two", at=AT + 1000, key="app-stack/chat/deep", metadata={"team": "ops"}))
    archive.record(entry("three", at=AT + 2000, key="app-stack/chatty", body=request(model="gpt-5")))
    archive.record(entry("four", at=AT + 3000, key="other/chat", completion=completion("four", model="new")))
    archive.mark("one", "acknowledged")
    archive.mark("two", "destroyed")
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", archive.address.url)
    return archive


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["archive", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], ["one", "two", "three", "four"]),
        (["--stack", "other"], ["four"]),
        (["--path", "chat"], ["one", "two", "four"]),
        (["--path", "chat", "--stack", "app-stack"], ["one", "two"]),
        (["--path", "cha_"], []),
        (["--model", "gpt-5"], ["three"]),
        (["--model", "new"], ["four"]),
        (["--model", "gpt-4o-2024-08-06"], ["one", "two", "three"]),
        (["--since", "2026-09-21T14:13:21"], ["two", "three", "four"]),
        (["--before", "2026-09-21T14:13:21+00:00"], ["one"]),
        (["--metadata", "team=docs"], ["one"]),
        (["--metadata", "we.ird \"key'=50%"], ["one"]),
        (["--metadata", "team=docs", "--metadata", "team=ops"], ["two"]),
        (["--limit", "2"], ["three", "four"]),
        (["--limit", "9"], ["one", "two", "three", "four"]),
    ],
)
def test_answers_are_listed_by_filter(filled: Archive, options: list[str], ids: list[str]) -> None:
    """Each filter narrows the list, in the JSON as in the table."""
    assert [it["completion_id"] for it in json.loads(run("list", "--json", *options))] == ids
    assert [line.split()[-1] for line in run("list", *options).splitlines()[1:]] == ids


def test_a_list_says_when_what_and_how_much(filled: Archive) -> None:
    """A line has the time, the construct, the model, the tokens, the price and the status."""
    lines = run("list").splitlines()
    assert lines[0].split() == ["at", "construct", "model", "prompt", "answer", "usd", "status", "id"]
    assert lines[1].split() == [
        *("2026-09-21T14:13:20Z", "app-stack/chat", "gpt-4o-2024-08-06", "1000", "100"),
        *("0.003250", "acknowledged", "one"),
    ]
    assert lines[4].split()[5] == "unknown"


def test_an_answer_is_shown_with_its_request(filled: Archive) -> None:
    """For people as text, for scripts as JSON."""
    text = run("show", "one")
    assert "\n[user]\nHi?\n" in text
    assert "\n[answer]\nHello.\n" in text
    shown = json.loads(run("show", "one", "--json"))
    assert (shown["request"], shown["answer"], shown["usd"]) == (request(), completion("one"), 0.00325)
    assert "There is no answer nobody" in run("show", "nobody", code=1)


def test_answers_are_exported_as_json_lines_for_the_owner_alone(filled: Archive, tmp_path: Path) -> None:
    """A line per answer, with the whole request and answer; the file is private as the archive is."""
    file = tmp_path / "answers.jsonl"
    run("export", "--stack", "app-stack", "-o", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [it["answer"]["id"] for it in lines] == ["one", "two", "three"]
    assert lines[0]["request"] == request()
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("export", "--stack", "app-stack") == file.read_text()


def test_answers_are_exported_as_csv(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row per answer with its prompt and text; no text is taken for a formula by a spreadsheet."""
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", archive.address.url)
    archive.record(
        entry("=one", prompt='=cmd("x"), "quoted"\nsecond line', completion=completion("=one", text=""))
    )
    archive.record(entry("two", with_prompts=False, completion={"id": "two", "choices": [{}]}))
    first, second = csv.DictReader(StringIO(run("export", "--format", "csv")))
    assert first["prompt"] == '\'=cmd("x"), "quoted"\nsecond line'
    assert (first["completion_id"], first["usd"], first["answer"]) == ("'=one", "0.00325", "")
    assert (second["prompt"], second["answer"]) == ("", "")


def test_pruning_keeps_answers_that_no_state_has(filled: Archive) -> None:
    """They may be paid answers that the next apply adopts, so they go only where that is said."""
    assert "No filter." in run("prune", "--yes", code=1)
    assert run("prune", "--stack", "app-stack", "--yes") == "2 deleted\n"
    assert [it["completion_id"] for it in rows(filled, Filter(), ["completion_id"])] == ["three", "four"]
    assert run("prune", "--stack", "app-stack", "--yes", "--unacknowledged") == "1 deleted\n"
    assert [it["completion_id"] for it in rows(filled, Filter(), ["completion_id"])] == ["four"]


def test_pruning_asks_first(filled: Archive) -> None:
    """Without --yes a person confirms; no answer deletes nothing."""
    result = CliRunner().invoke(main, ["archive", "prune", "--stack", "other"], input="n\n")
    assert result.exit_code == 1
    assert "Delete answers from " in result.output
    assert prune(filled, Filter(), unacknowledged=True) == 4


def test_a_current_archive_needs_no_migration(filled: Archive) -> None:
    """The command says so, and can be run again and again."""
    assert run("migrate") == "version 1: nothing to do\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["list", "--since", "yesterday"],
            "'yesterday' is not a time. Write an age (30m, 12h, 7d, 4w), a date",
        ),
        (["list", "--since", "999999w"], "is not a time"),
        (["list", "--before", "2026-13-01"], "is not a time"),
        (["list", "--metadata", "team"], "--metadata team: must be KEY=VALUE."),
        (
            ["list", "--archive", "mysql://me:hidden@host/x"],
            "must be the URL of an SQLite file or a PostgreSQL",
        ),
        (["list", "--archive", "missing.db"], "missing.db: the file does not exist"),
        (["export", "-o", "/nowhere/x.jsonl"], "/nowhere/x.jsonl: the file cannot be written"),
    ],
)
def test_bad_options_are_one_error(filled: Archive, arguments: list[str], words: str) -> None:
    """One sentence, exit code 1, and no password."""
    output = run(*arguments, code=1)
    assert words in output
    assert "hidden" not in output
    assert "Traceback" not in output


def test_without_an_archive_the_error_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """By option or by environment variable."""
    monkeypatch.delenv("OPENAI_CONSTRUCTS_ARCHIVE", raising=False)
    assert "Add --archive or set OPENAI_CONSTRUCTS_ARCHIVE" in run("list", code=1)


def test_a_file_is_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the command line a path is one of the working folder, as with any command."""
    Archive.open("sqlite:///answers.db", folder=tmp_path, create=True).close()
    monkeypatch.chdir(tmp_path)
    assert run("list", "--archive", "answers.db", "--json") == "[]\n"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`archive list | head` ends without a traceback."""
    with (
        Archive.open(f"sqlite:///{tmp_path / 'answers.db'}", create=True) as archive,
        archive.writing() as db,
    ):
        from openai_constructs.archive.tables import COMPLETIONS

        db.execute(COMPLETIONS.insert(), [entry(f"c{number}").row() for number in range(3000)])
    command = [sys.executable, "-m", "openai_constructs", "archive", "list", "--archive", archive.address.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", "2026-11-25T23:30:00+00:00"),
        ("12h", "2026-11-25T12:00:00+00:00"),
        ("7d", "2026-11-19T00:00:00+00:00"),
        ("4w", "2026-10-29T00:00:00+00:00"),
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T12:00+02:00", "2026-11-01T10:00:00+00:00"),
    ],
)
def test_moments_are_written_as_people_do(text: str, expected: str) -> None:
    """An age, a date, or a date with a time; UTC where no zone is given."""
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert moment(text, now=now) == int(datetime.fromisoformat(expected).timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7y", "now", "2026-02-30", "1e3d"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    """The error shows what may be written."""
    with pytest.raises(ArchiveError, match="is not a time"):
        moment(text)


def test_reading_is_streamed(tmp_path: Path) -> None:
    """Rows are read as they are used, so the first is there before the last is read."""
    with Archive.open(f"sqlite:///{tmp_path / 'answers.db'}", create=True) as archive:
        archive.record(entry("one"))
        reading: Any = rows(archive, Filter())
        assert next(reading)["completion_id"] == "one"
        reading.close()
