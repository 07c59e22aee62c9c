"""With an archive no answer is lost or paid twice, stored or not, and a budget is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.provider.loopback import Asked, Loopback, error
from tests.provider.native.managed import Managed, user
from tests.provider.native.native_direct import Direct, config
from tests.provider.native.store_host import COLLECTION, StoreHost, said

from openai_constructs.archive import Archive, Entry
from openai_constructs.archive.query import Filter, rows
from openai_constructs.provider.native.ledger import Budget, Ledger, period_of

KEY: dict[str, Any] = {"idempotency_key": "stack/chat"}
ONE: dict[str, Any] = {**KEY, "messages": user("one")}
TWO: dict[str, Any] = {**KEY, "messages": user("two")}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open("sqlite:///answers.db", folder=tmp_path, create=True) as opened:
        yield opened


@pytest.fixture
def archived(managed: Managed, archive: Archive) -> Managed:
    """A resource of a provider with an archive."""
    managed.at.provider.session.ledger = Ledger(archive, host="127.0.0.1:1", workspace="prod")
    return managed


def all_rows(archive: Archive) -> list[dict[str, Any]]:
    return list(rows(archive, Filter()))


def statuses(archive: Archive) -> list[tuple[str, str]]:
    return [(row["completion_id"], row["status"]) for row in all_rows(archive)]


@pytest.mark.parametrize("store", [True, False])
def test_every_answer_is_recorded_and_followed(archived: Managed, archive: Archive, store: bool) -> None:
    """A row says whose answer it is; a refresh acknowledges it, an edit replaces it, a destroy ends it."""
    archived.apply(**ONE, store=store, metadata={"team": "docs"})
    (row,) = all_rows(archive)
    assert (row["stack"], row["path"], row["workspace"], row["host"]) == (
        "stack",
        "chat",
        "prod",
        "127.0.0.1:1",
    )
    assert (row["stored"], row["metadata"], row["model"]) == (store, {"team": "docs"}, "gpt-4o")
    assert json.loads(row["request"])["messages"] == [{"role": "user", "content": "one"}]
    assert json.loads(row["answer"])["choices"][0]["message"]["content"] == archived.content
    assert statuses(archive) == [("chatcmpl-1", "answered")]
    archived.plan(**ONE, store=store)
    assert statuses(archive) == [("chatcmpl-1", "acknowledged")]
    archived.apply(**TWO, store=store)
    assert statuses(archive) == [("chatcmpl-1", "replaced"), ("chatcmpl-2", "answered")]
    archived.destroy()
    assert statuses(archive) == [("chatcmpl-1", "replaced"), ("chatcmpl-2", "destroyed")]
    assert archived.told == []


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize("edit", [False, True])
def test_an_answer_that_terraform_never_kept_is_adopted(
    archived: Managed, host: StoreHost, store: bool, edit: bool
) -> None:
    """Killed after the answer came, and applied again: asked once, at a creation as at an edit."""
    if edit:
        archived.apply(**ONE, store=store)
    before = (archived.state, archived.private)
    archived.apply(**TWO, store=store)
    answered = len(host.created)
    archived.state, archived.private = before
    archived.apply(**TWO, store=store)
    assert archived.content == "You said: two"
    assert len(host.created) == answered
    assert archived.is_planned_empty(**TWO, store=store)


def test_what_a_state_has_or_had_is_not_adopted(archived: Managed, host: StoreHost) -> None:
    """A replacement on demand, and a creation after a destroy, ask anew."""
    archived.apply(**ONE)
    archived.apply(**ONE, replace=True)
    archived.destroy()
    archived.apply(**ONE)
    assert len(host.created) == 3


@pytest.mark.parametrize(
    "other",
    [{**ONE, "idempotency_key": "stack/other"}, TWO, {**ONE, "store": True}, {"messages": user("one")}],
)
def test_an_answer_of_another_is_not_adopted(
    archived: Managed, host: StoreHost, other: dict[str, Any]
) -> None:
    """Another key, another request, another way of storing, or no key at all."""
    archived.apply(**ONE)
    archived.state, archived.private = None, b""
    archived.apply(**other)
    assert len(host.created) == 2


def test_one_answer_is_adopted_once(archived: Managed, host: StoreHost) -> None:
    """Two resources with one key and request share no answer in one run."""
    archived.apply(**ONE)
    session = archived.at.provider.session
    other = Managed(archived.at)
    archived.state, archived.private = None, b""
    archived.restart = other.restart = lambda: None  # type: ignore[method-assign]
    session.claimed = type(session.claimed)()
    archived.apply(**ONE)
    other.apply(**ONE)
    assert len(host.created) == 2
    assert archived.state is not None
    assert other.state is not None
    assert archived.state["id"] != other.state["id"]


def test_a_stored_answer_that_is_gone_from_the_store_is_not_adopted(
    archived: Managed, host: StoreHost
) -> None:
    """The request wanted it in the store, and somebody deleted it there."""
    labels = {f"k{number}": "v" for number in range(16)}
    archived.apply(**ONE, store=True, metadata=labels)  # no room for the tag: only the archive finds it
    archived.state, archived.private = None, b""
    archived.apply(**ONE, store=True, metadata=labels)
    assert len(host.created) == 1
    archived.state, archived.private = None, b""
    host.stored.clear()
    archived.apply(**ONE, store=True, metadata=labels)
    assert len(host.created) == 2


def test_an_answer_without_an_id_is_followed_too(archived: Managed, api: Loopback, archive: Archive) -> None:
    """The archive has the id that the state has."""
    api.scripted.append((200, {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}))
    archived.apply(**ONE)
    assert archived.state is not None
    archived.plan(**ONE)
    assert statuses(archive) == [(archived.state["id"], "acknowledged")]


def test_an_answer_that_cannot_be_archived_stays_in_the_state(archived: Managed, archive: Archive) -> None:
    """It is paid for, so a full disk then is a warning."""
    with archive.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    archived.apply(**KEY, messages=user("long " * 10_000))
    assert archived.errors == []
    assert ["the disk is full" in it for it in archived.warnings] == [True]
    assert archived.content.startswith("You said: long")


def test_the_budget_is_kept(archived: Managed, host: StoreHost, archive: Archive) -> None:
    """Above it nothing is requested, and an edit keeps its old answer; the error says spent and limit."""
    archived.apply(**ONE)
    ledger = archived.at.provider.session.ledger = Ledger(archive, budget=Budget(usd=10))
    archived.apply(**TWO)
    assert archived.content == "You said: two"
    archive.record(Entry(body={"model": "gpt-4o"}, completion={"usage": {"completion_tokens": 1_000_000}}))
    archived.at.provider.session.ledger = ledger
    archived.apply(**ONE)
    assert archived.content == "You said: two"
    assert len(host.created) == 2
    (detail,) = archived.errors
    assert "of $10.00 are spent, counted by month. It resets at 20" in detail
    assert "No request was sent. The old answer stays in the state" in detail


def test_an_unknown_price_is_refused_or_assumed(archived: Managed, host: StoreHost, archive: Archive) -> None:
    """The user says which; an assumed price counts like a real one."""
    archived.at.provider.session.ledger = Ledger(archive, budget=Budget(usd=1))
    archived.apply(**ONE, model="gpt-nobody-knows")
    assert "The price of gpt-nobody-knows is not known" in archived.errors[0]
    assert host.created == []
    archive.record(Entry(body={"model": "gpt-nobody-knows"}, completion={}))
    archived.at.provider.session.ledger = Ledger(archive, budget=Budget(usd=1, unknown_usd=0.6))
    archived.apply(**ONE, model="gpt-nobody-knows")
    assert archived.errors == []
    archive.record(Entry(body={"model": "gpt-nobody-knows"}, completion={}))
    archived.apply(**TWO, model="gpt-nobody-knows")
    assert "$1.20 of $1.00 are spent" in archived.errors[0]


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-12-31", "2027-01-01"),
        ("week", "2026-12-28", "2027-01-04"),
        ("month", "2026-12-01", "2027-01-01"),
        ("total", "1970-01-01", None),
    ],
)
def test_periods_begin_at_midnight_utc(period: str, start: str, end: str | None) -> None:
    """Weeks begin on Monday."""
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    begin, reset = period_of(period, now)
    assert begin.isoformat() == f"{start}T00:00:00+00:00"
    assert (reset and reset.isoformat()) == (end and f"{end}T00:00:00+00:00")


def configure(direct: Direct, **block: Any) -> list[tuple[str, str, str]]:
    from tests.provider.native.native_direct import told
    from tf.gen import tfplugin_pb2 as pb
    from tf.utils import to_dynamic_value

    from openai_constructs.schema import NATIVE

    nothing = dict.fromkeys(NATIVE.provider.attributes)
    request = pb.ConfigureProvider.Request(config=to_dynamic_value({**nothing, **block}))
    return told(direct.servicer.ConfigureProvider(request, None))


def test_the_provider_block_opens_the_archive(
    direct: Any, api: Loopback, host: StoreHost, tmp_path: Path
) -> None:
    """The file is made when the provider is configured; prompts stay out where that is said."""
    at = direct(api.url)
    file = tmp_path / "answers.db"
    block = {
        "archive": f"sqlite:///{file}",
        "archive_prompts": False,
        "base_url": f"{api.url}/v1",
        "api_key": "k",
    }
    assert configure(at, **block, budget_usd=1) == []
    state, diagnostics = at.create(**config(**ONE))
    assert diagnostics == []
    at.provider.close()
    with Archive.open(f"sqlite:///{file}") as archive:
        (row,) = all_rows(archive)
    assert (row["completion_id"], row["path"]) == (state["id"], "chat")
    assert "one" not in row["request"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"archive": "sqlite:////nowhere/answers.db"}, "the file cannot be written"),
        ({"archive": "answers.db"}, "must be the URL of an SQLite file or a PostgreSQL"),
        ({"archive": "postgresql://me:hidden@127.0.0.1:1/x"}, "the server cannot be reached"),
        ({"budget_usd": 1}, "budget_usd needs an archive"),
    ],
)
def test_an_archive_that_cannot_be_used_ends_the_run_first(
    direct: Any, api: Loopback, block: dict[str, Any], words: str
) -> None:
    """The provider is not configured, so nothing is requested; no password is shown."""
    at = direct(api.url)
    ((severity, _, detail),) = configure(at, **block)
    assert severity == "error"
    assert words in detail
    assert "hidden" not in detail
    assert api.asked == []


def test_the_environment_names_the_archive(
    direct: Any, api: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPENAI_CONSTRUCTS_ARCHIVE is used where the block names none."""
    monkeypatch.setenv("OPENAI_CONSTRUCTS_ARCHIVE", f"sqlite:///{tmp_path / 'env.db'}")
    at = direct(api.url)
    assert configure(at) == []
    assert (tmp_path / "env.db").is_file()
    at.provider.close()


def test_a_cut_connection_is_not_recorded_as_an_answer(
    archived: Managed, host: StoreHost, archive: Archive
) -> None:
    """Only an answer has a row; an error of the API has none."""

    def fault(asked: Asked) -> Any:
        return (400, error("No.")) if asked.method == "POST" and asked.target == COLLECTION else ""

    host.fault = fault
    archived.apply(**ONE)
    assert archived.state is None
    assert all_rows(archive) == []


@pytest.mark.parametrize("store", [True, False])
def test_a_refused_answer(archived: Managed, host: StoreHost, archive: Archive, store: bool) -> None:
    """It is recorded, not paid for again, and not in the way of a replacement on demand."""
    arguments = {"store": store, "on_incomplete": "error"}
    archived.apply(**ONE, **arguments)
    host.finish = lambda _: (said("half"), "length")
    for _ in range(2):
        archived.apply(**TWO, **arguments)
        assert len(archived.errors) == 1
    assert (len(host.created), len(all_rows(archive))) == (2, 2)
    host.finish = lambda _: (said("whole"), "stop")
    archived.apply(replace=True, **TWO, **arguments)
    assert (archived.content, archived.errors, len(host.created)) == ("whole", [], 3)


@pytest.mark.parametrize("missing", ["gone", "no store"])
def test_data_sources_answer_from_the_archive(
    archived: Managed, host: StoreHost, api: Loopback, missing: str
) -> None:
    """Where the store lost the completion, or the host has none; `source` says which it was."""
    archived.apply(**ONE, store=True)
    assert archived.state is not None
    wanted = {"completion_id": archived.state["id"]}
    stored, told = archived.at.lookup("openai_chat_completion", **wanted)
    assert (stored["source"], told) == ("store", [])
    gone = error(f"Chat completion with id '{archived.state['id']}' not found.")
    body = {"gone": gone, "no store": {"detail": "Not Found"}}[missing]
    host.fault = lambda asked: (404, body) if asked.method == "GET" else ""
    found, told = archived.at.lookup("openai_chat_completion", **wanted)
    assert told == []
    assert found == {**stored, "source": "archive"}
    page = {"limit": None, "order": None, "after": None}
    messages, told = archived.at.lookup("openai_chat_completion_messages", **wanted, **page)
    assert told == []
    assert (messages["source"], messages["has_more"]) == ("archive", False)
    assert [(it["role"], it["content"]) for it in messages["messages"]] == [("user", "one")]
    assert messages["first_id"] == messages["last_id"] == f"{wanted['completion_id']}-0"


def test_archived_messages_have_pages(archived: Managed, host: StoreHost) -> None:
    """Order, limit and the entry to continue after work as in the store."""
    message = config()["messages"][0]
    archived.apply(**KEY, store=True, messages=[{**message, "content": str(number)} for number in range(5)])
    assert archived.state is not None
    name = archived.state["id"]
    host.fault = lambda _: (404, error(f"Chat completion with id '{name}' not found."))

    def page(**query: Any) -> tuple[list[str], bool]:
        asked = {"completion_id": name, "limit": None, "order": None, "after": None, **query}
        found, told = archived.at.lookup("openai_chat_completion_messages", **asked)
        assert told == []
        return [it["content"] for it in found["messages"]], found["has_more"]

    assert page(limit=2) == (["0", "1"], True)
    assert page(limit=2, after=f"{name}-1") == (["2", "3"], True)
    assert page(order="desc", after=f"{name}-3") == (["2", "1", "0"], False)


def test_lists_answer_from_the_archive(archived: Managed, host: StoreHost, api: Loopback) -> None:
    """If the host has no store; filters and pages work, and what was replaced is not listed."""
    message = config()["messages"][0]
    for number in range(4):
        archived.apply(
            idempotency_key=f"dev/{number}",
            store=True,
            metadata={"parity": "even" if number % 2 == 0 else "odd"},
            messages=[{**message, "content": str(number)}],
        )
        if number != 1:
            archived.state = None  # another resource of the same stack
    host.fault = lambda asked: (404, {"detail": "Not Found"}) if asked.method == "GET" else ""

    def page(**query: Any) -> tuple[list[str], bool]:
        asked = {"limit": None, "order": None, "after": None, "model": None, "metadata": None, **query}
        found, told = archived.at.lookup("openai_chat_completions", **asked)
        assert (told, found["source"]) == ([], "archive")
        return [it["id"] for it in found["chat_completions"]], found["has_more"]

    (first, third, fourth), has_more = page()
    assert not has_more
    assert page(limit=2) == ([first, third], True)
    assert page(order="desc", after=fourth) == ([third, first], False)
    assert page(metadata={"parity": "even"}) == ([first, third], False)
    assert page(model="another") == ([], False)


def test_what_the_archive_has_not_got_is_missing_as_before(archived: Managed, host: StoreHost) -> None:
    """A completion of somebody else that is gone: a warning and its id."""
    found, told = archived.at.lookup("openai_chat_completion", completion_id="chatcmpl-other")
    assert [severity for severity, _, _ in told] == ["warning"]
    assert (found["id"], found["source"]) == ("chatcmpl-other", None)
