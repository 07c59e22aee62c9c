"""An archive keeps answers and finds them again, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from tests.archive.support import completion, entry, request

from openai_constructs.archive import Archive, database, tables
from openai_constructs.archive.digest import request_digest
from openai_constructs.archive.query import Filter, page
from openai_constructs.archive.tables import COMPLETIONS
from openai_constructs.errors import ArchiveError


def rows(archive: Archive) -> list[Any]:
    with archive.reading() as connection:
        return list(connection.execute(select(COMPLETIONS).order_by(COMPLETIONS.c.id)).all())


def test_a_row_says_what_was_asked_answered_and_paid(archive: Archive) -> None:
    """A row has the construct, the request with its digest, the answer, its tokens and its price."""
    archive.record(entry(metadata={"team": "docs"}, workspace="prod", at=1_790_000_000_123))
    (row,) = rows(archive)
    assert row._asdict() | {"id": 0, "request": "", "answer": ""} == {
        "id": 0,
        "at": 1_790_000_000_123,
        "key": "app-stack/chat",
        "stack": "app-stack",
        "path": "chat",
        "workspace": "prod",
        "host": "api.openai.com",
        "model": "gpt-4o",
        "model_used": "gpt-4o-2024-08-06",
        "digest": request_digest(request()),
        "completion_id": "chatcmpl-1",
        "stored": False,
        "status": "answered",
        "finish_reason": "stop",
        "service_tier": "default",
        "prompt_tokens": 1000,
        "cached_tokens": 200,
        "completion_tokens": 100,
        "reasoning_tokens": 40,
        "nano_usd": 800 * 2500 + 200 * 1250 + 100 * 10_000,
        "metadata": {"team": "docs"},
        "request": "",
        "answer": "",
    }


def test_only_answers_that_no_state_has_are_offered_for_adoption(archive: Archive) -> None:
    """Same key, same request, same storing, and never acknowledged: anything else is another's answer."""
    digest = request_digest(request())
    archive.record(entry("mine"))
    archive.record(entry("known"))
    archive.record(entry("other-key", key="app-stack/other"))
    archive.record(entry("other-request", prompt="Bye?"))
    archive.record(entry("stored", body=request(store=True)))
    archive.mark("known", "acknowledged")
    found = archive.unacknowledged("app-stack/chat", [digest], stored=False)
    assert found == [completion("mine")]
    assert [it["id"] for it in archive.unacknowledged("app-stack/chat", [digest], stored=True)] == ["stored"]


@pytest.mark.parametrize(
    ("marks", "status"),
    [
        (["acknowledged"], "acknowledged"),
        (["replaced"], "replaced"),
        (["acknowledged", "destroyed"], "destroyed"),
        (["destroyed", "acknowledged"], "destroyed"),
        (["replaced", "destroyed"], "replaced"),
    ],
)
def test_the_status_of_an_answer_only_goes_forward(archive: Archive, marks: list[Any], status: str) -> None:
    """A refresh that comes late does not bring back an answer that was replaced or destroyed."""
    archive.record(entry("one"))
    archive.record(entry("two"))
    for mark in marks:
        archive.mark("one", mark)
    assert [it.status for it in rows(archive)] == [status, "answered"]


def test_the_newest_answer_is_looked_up_by_id_or_by_digest(archive: Archive) -> None:
    """A lookup gives the answer as the API sent it, and by id the messages and labels too."""
    archive.record(entry("one", metadata={"a": "b"}))
    archive.record(entry("two"))
    archive.mark("one", "acknowledged")
    assert archive.answers_to(request_digest(request())) == [
        (completion("two"), "answered"),
        (completion("one"), "acknowledged"),
    ]
    assert archive.completion("one") == {
        **completion("one"),
        "metadata": {"a": "b"},
        "messages": request()["messages"],
    }
    assert archive.completion("three") is None
    assert archive.answers_to(request_digest(request("Bye?"))) == []


def test_prompts_can_be_left_out(archive: Archive) -> None:
    """The request's texts are nowhere in the database then, and its digest still finds the answer."""
    body = request("a secret", temperature=0.5)
    archive.record(entry(body=body, with_prompts=False))
    (row,) = rows(archive)
    assert "a secret" not in repr(row)
    assert row.request == '{"model": "gpt-4o", "store": false, "temperature": 0.5}'
    assert archive.answers_to(request_digest(body)) == [(completion(), "answered")]
    assert "messages" not in (archive.completion("chatcmpl-1") or {})


def test_what_a_period_has_spent_counts_unknown_prices_apart(archive: Archive) -> None:
    """Spending is summed in the database; an unknown price is never counted as nothing."""
    archive.record(entry("old", at=1000))
    archive.record(entry("new", at=2000))
    archive.record(entry("unknown", at=2001, completion=completion("unknown", model="gpt-nobody-knows")))
    assert archive.spent(2000) == (3_250_000, 1)
    assert archive.spent(3000) == (0, 0)


@pytest.mark.parametrize(
    "odd",
    [
        {"model": "a\0b\ud800", "id": "\udfff\0"},
        {"usage": {"prompt_tokens": 10**40, "completion_tokens": -1, "prompt_tokens_details": [1]}},
        {"usage": None, "choices": None, "model": None, "service_tier": 7},
        {"choices": ["text"], "usage": {"prompt_tokens": True, "completion_tokens": float("inf")}},
        {"choices": [{"message": {"content": "a\0b \ud83d"}}]},
    ],
)
def test_an_odd_answer_is_kept_all_the_same(archive: Archive, odd: dict[str, Any]) -> None:
    """An answer that was paid for is recorded whatever is in it, and comes back as it was."""
    answer = {**completion(), **odd}
    archive.record(entry(completion=answer))
    assert archive.answers_to(request_digest(request())) == [(answer, "answered")]


def test_threads_lose_and_double_nothing(archive: Archive) -> None:
    """Answers that threads record at once all get a row, though they share commits."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(archive.record, [entry(f"c{number}") for number in range(200)]))
    assert sorted(it.completion_id for it in rows(archive)) == sorted(f"c{number}" for number in range(200))


_PROCESS = """
import sys
sys.path.insert(0, {root!r})
from tests.archive.support import entry
from openai_constructs.archive import Archive
with Archive.open(sys.argv[1], create=True) as archive:
    for number in range(10):
        archive.record(entry(f"{{sys.argv[2]}}-{{number}}"))
"""


def test_processes_create_and_fill_one_archive_at_once(address: str, pytestconfig: pytest.Config) -> None:
    """Three processes that start with no archive end with one, which has every row of each once."""
    program = _PROCESS.format(root=str(pytestconfig.rootpath))
    running = [
        subprocess.Popen([sys.executable, "-c", program, address, str(number)], stderr=subprocess.PIPE)
        for number in range(3)
    ]
    errors = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 3, errors
    with Archive.open(address) as archive:
        assert sorted(it.completion_id for it in rows(archive)) == sorted(
            f"{process}-{number}" for process in range(3) for number in range(10)
        )


def test_a_newer_archive_is_refused_and_left_alone(archive: Archive, address: str) -> None:
    """An archive of a later release is not written by an earlier one."""
    with archive.writing() as connection:
        connection.execute(text("UPDATE openai_constructs_archive SET version = 7"))
    with pytest.raises(ArchiveError, match=r"version 7, from a newer release.* up to 1\. Upgrade"):
        Archive.open(address, create=True)


def test_an_older_archive_is_migrated_on_demand(
    archive: Archive, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release with a further step refuses the archive until it is migrated; rows are kept."""

    def add_note(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE openai_constructs_completions ADD COLUMN note VARCHAR"))

    archive.record(entry("kept"))
    monkeypatch.setattr(tables, "STEPS", (add_note,))
    with pytest.raises(ArchiveError, match="version 1 and this release writes 2. Run: openai-constructs"):
        Archive.open(address, create=True)
    with Archive.open(address, check_version=False) as old:
        assert database.migrate(old.engine, old.address) == (1, 2)
        assert database.migrate(old.engine, old.address) == (2, 2)
    with Archive.open(address, create=True) as new, new.reading() as connection:
        notes = connection.execute(text("SELECT completion_id, note FROM openai_constructs_completions"))
        assert notes.all() == [("kept", None)]


def test_a_failed_step_changes_nothing(
    archive: Archive, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps run in one transaction: an archive is never left between two versions."""

    def add_note(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE openai_constructs_completions ADD COLUMN note VARCHAR"))
        connection.execute(text("SELECT 1 FROM nowhere"))

    monkeypatch.setattr(tables, "STEPS", (add_note,))
    with Archive.open(address, check_version=False) as old:
        with pytest.raises(ArchiveError, match="nowhere"):
            database.migrate(old.engine, old.address)
        with old.reading() as connection:
            columns = connection.execute(text("SELECT * FROM openai_constructs_completions")).keys()
            assert "note" not in columns


def test_reading_an_archive_that_is_not_there_creates_none(address: str) -> None:
    """A command that reads says that there is no archive, and makes none."""
    for _ in range(2):
        with pytest.raises(ArchiveError, match=r"(does not exist|has no archive)"):
            Archive.open(address)


def test_pages(archive: Archive) -> None:
    """Pages of what a host's store would have, by order, position, label and model."""
    for number in range(5):
        body = request(str(number), store=number != 1)
        metadata = {"parity": "even" if number % 2 == 0 else "odd"}
        archive.record(entry(f"chatcmpl-{number}", body=body, metadata=metadata))
    archive.record(entry("chatcmpl-other", body=request(store=True), host="other.example"))
    archive.mark("chatcmpl-2", "replaced")

    def read(descending: bool = False, after: str | None = None, limit: int = 9, **which: Any) -> Any:
        chosen = Filter(host="api.openai.com", in_store=True, **which)
        answers, has_more = page(archive, chosen, descending=descending, after=after, limit=limit)
        return [answer["id"] for answer in answers], has_more

    assert read() == (["chatcmpl-0", "chatcmpl-3", "chatcmpl-4"], False)
    assert read(limit=2) == (["chatcmpl-0", "chatcmpl-3"], True)
    assert read(after="chatcmpl-0", limit=2) == (["chatcmpl-3", "chatcmpl-4"], False)
    assert read(descending=True, after="chatcmpl-4") == (["chatcmpl-3", "chatcmpl-0"], False)
    assert read(metadata={"parity": "even"}) == (["chatcmpl-0", "chatcmpl-4"], False)
    assert read(model="gpt-4o-2024-08-06", limit=1) == (["chatcmpl-0"], True)
    assert read(model="gpt-4") == read(after="chatcmpl-unknown") == ([], False)
