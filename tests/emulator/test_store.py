"""The endpoints of stored completions."""

from __future__ import annotations

import httpx
import openai
import pytest
from openai import OpenAI

from openai_constructs.emulator import Emulator

from .conftest import HELLO


def stored(
    client: OpenAI, text: str = "Hello", metadata: dict[str, str] | None = None, model: str = "gpt-4o"
) -> str:
    made = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], store=True, metadata=metadata or {}
    )
    return made.id


def test_only_stored_completions_are_kept(client: OpenAI) -> None:
    """A completion without `store` cannot be retrieved; one with it can, and is listed."""
    unstored = client.chat.completions.create(**HELLO)  # type: ignore[call-overload]
    kept = stored(client)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.chat.completions.retrieve(unstored.id)
    assert client.chat.completions.retrieve(kept).id == kept
    assert [it.id for it in client.chat.completions.list()] == [kept]


def test_the_same_request_stored_twice_is_two_completions(client: OpenAI) -> None:
    """Two equal requests get the same answer and different ids, which no later one ever gets again."""
    first, second = stored(client), stored(client)
    answers = {client.chat.completions.retrieve(it).choices[0].message.content for it in (first, second)}
    assert first != second
    assert len(answers) == 1
    client.chat.completions.delete(second)
    assert stored(client) not in (first, second)


def test_ids_repeat_on_a_fresh_store(emulator: Emulator, client: OpenAI) -> None:
    """The same requests on an empty store get the same ids again, in whatever order they come."""
    before = [stored(client, "a"), stored(client, "b")]
    emulator.reset()
    assert [stored(client, "b"), stored(client, "a")] == before[::-1]


def test_a_stored_completion_shows_its_request(client: OpenAI, http: httpx.Client) -> None:
    """Retrieving gives the metadata, which creating does not, and the parameters of the request."""
    made = http.post(
        "/v1/chat/completions",
        json={**HELLO, "store": True, "metadata": {"k": "v"}, "temperature": 0.5, "user": "u"},
    ).json()
    shown = http.get(f"/v1/chat/completions/{made['id']}").json()
    assert "metadata" not in made
    assert shown["metadata"] == {"k": "v"}
    assert (shown["temperature"], shown["input_user"], shown["top_p"]) == (0.5, "u", 1.0)
    assert shown["choices"] == made["choices"]


def test_pages(client: OpenAI) -> None:
    """A list comes oldest first or newest first, in pages that follow each other until there are no more."""
    ids = [stored(client, f"number {n}") for n in range(5)]
    first = client.chat.completions.list(limit=2)
    assert [it.id for it in first.data] == ids[:2]
    assert first.has_more
    assert [it.id for it in client.chat.completions.list(limit=2)] == ids
    assert [it.id for it in client.chat.completions.list(limit=3, order="desc")] == ids[::-1]
    last = client.chat.completions.list(after=ids[2], limit=2)
    assert [it.id for it in last.data] == ids[3:]
    assert not last.has_more


def test_page_bounds(http: httpx.Client, client: OpenAI) -> None:
    """First and last id are null on an empty list only."""
    empty = http.get("/v1/chat/completions").json()
    assert empty == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
    ids = [stored(client), stored(client)]
    page = http.get("/v1/chat/completions").json()
    assert (page["first_id"], page["last_id"]) == (ids[0], ids[1])


def test_filters(client: OpenAI) -> None:
    """A list is filtered by model and by metadata, of which all pairs have to fit."""
    a = stored(client, metadata={"suite": "smoke", "odd key": "a b&c=d/é"})
    b = stored(client, metadata={"suite": "smoke"}, model="gpt-4o-mini")
    stored(client)
    listed = client.chat.completions.list
    assert [it.id for it in listed(metadata={"suite": "smoke"})] == [a, b]
    assert [it.id for it in listed(metadata={"suite": "smoke", "odd key": "a b&c=d/é"})] == [a]
    assert [it.id for it in listed(metadata={"suite": "smoke"}, model="gpt-4o-mini")] == [b]
    assert not listed(metadata={"suite": "other"}).data


def test_filters_that_are_not_encoded(http: httpx.Client, client: OpenAI) -> None:
    """A metadata filter works percent-encoded and with raw brackets, which some clients send."""
    kept = stored(client, metadata={"suite": "smoke"})
    for query in ("metadata[suite]=smoke", "metadata%5Bsuite%5D=smoke"):
        assert [it["id"] for it in http.get(f"/v1/chat/completions?{query}").json()["data"]] == [kept]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "integer_below_min_value"),
        ("limit=101", 400, "integer_above_max_value"),
        ("limit=x", 400, "invalid_type"),
        ("order=up", 400, "invalid_value"),
        ("page=2", 400, "unknown_parameter"),
        ("after=chatcmpl-none", 404, None),
    ],
)
def test_bad_queries(http: httpx.Client, query: str, status: int, code: str | None) -> None:
    """A list that cannot be is refused with the API's error."""
    answer = http.get(f"/v1/chat/completions?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_update_replaces_all_metadata(client: OpenAI) -> None:
    """An update sets all the metadata: what it does not name is gone, and filters follow."""
    kept = stored(client, metadata={"a": "1", "b": "2"})
    updated = client.chat.completions.update(kept, metadata={"b": "3"})
    assert updated.metadata == {"b": "3"}
    assert client.chat.completions.retrieve(kept).metadata == {"b": "3"}
    assert not client.chat.completions.list(metadata={"a": "1"}).data
    assert client.chat.completions.update(kept, metadata=None).metadata == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_required_parameter"),
        ({"metadata": {"a": 1}}, "invalid_type"),
        ({"metadata": {}, "model": "gpt-4o"}, "unknown_parameter"),
        ([], None),
    ],
)
def test_bad_updates(http: httpx.Client, client: OpenAI, body: object, code: str | None) -> None:
    """An update of anything but metadata, or with bad metadata, is refused."""
    answer = http.post(f"/v1/chat/completions/{stored(client)}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_delete(client: OpenAI) -> None:
    """A deleted completion is gone everywhere, and cannot be deleted again."""
    kept = stored(client)
    assert client.chat.completions.delete(kept).deleted
    assert not client.chat.completions.list().data
    for gone in (
        lambda: client.chat.completions.delete(kept),
        lambda: client.chat.completions.retrieve(kept),
        lambda: client.chat.completions.update(kept, metadata={}),
        lambda: client.chat.completions.messages.list(kept),
    ):
        with pytest.raises(openai.NotFoundError, match="not found"):
            gone()


def test_messages_are_those_that_were_sent(client: OpenAI, http: httpx.Client) -> None:
    """The messages of a completion are the request's, numbered, in pages; the answer is not among them."""
    parts = [{"type": "text", "text": "What is this?"}]
    sent = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "ann"},
        {"role": "user", "content": parts},
    ]
    kept = http.post(
        "/v1/chat/completions", json={"model": "gpt-4o", "messages": sent, "store": True}
    ).json()["id"]
    url = f"/v1/chat/completions/{kept}/messages"
    data = http.get(url).json()["data"]
    assert [(it["id"], it["role"], it["content"]) for it in data] == [
        (f"{kept}-0", "system", "Be brief."),
        (f"{kept}-1", "user", "Hi"),
        (f"{kept}-2", "user", None),
    ]
    assert (data[1]["name"], data[2]["content_parts"], data[0]["content_parts"]) == ("ann", parts, None)
    page = http.get(url, params={"limit": 1, "after": f"{kept}-0"}).json()
    assert (page["first_id"], page["has_more"]) == (f"{kept}-1", True)
    assert http.get(url, params={"order": "desc"}).json()["first_id"] == f"{kept}-2"
    assert http.get(url, params={"after": "nothing"}).status_code == 404
