"""Gone, no store, wrong address and no model are four things; only the first is a reason to ask again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from tests.provider.loopback import Asked, Loopback, completion, error
from tests.provider.native.managed import Managed, ids, user
from tests.provider.native.native_direct import Direct
from tests.provider.native.store_host import COLLECTION, StoreHost, said

Make = Callable[..., Direct]
ONE: dict[str, Any] = {"store": True, "messages": user("one"), "on_missing": "recreate"}
NO_STORE: dict[str, Callable[[str], tuple[int, Any]]] = {
    "FastAPI": lambda _: (404, {"detail": "Not Found"}),
    "Azure": lambda _: (404, {"error": {"code": "404", "message": "Resource not found"}}),
    "Azure deployment": lambda _: (
        404,
        {
            "error": {
                "code": "DeploymentNotFound",
                "message": "The API deployment for this resource does not exist.",
            }
        },
    ),
    "nginx": lambda _: (404, "<html><head><title>404 Not Found</title></head></html>"),
    "Go": lambda _: (404, "404 page not found"),
    "empty": lambda _: (404, ""),
    "vLLM": lambda _: (404, {"error": {"message": "Not Found", "type": "NotFoundError", "code": 404}}),
    "Express": lambda id_: (404, f"Cannot GET {COLLECTION}/{id_}"),
    "Express as JSON": lambda id_: (404, {"error": {"message": f"Cannot GET {COLLECTION}/{id_}"}}),
    "Fastify": lambda id_: (
        404,
        {"message": f"Route GET:{COLLECTION}/{id_} not found", "error": "Not Found", "statusCode": 404},
    ),
    "OpenAI path": lambda id_: (404, error(f"Invalid URL (GET {COLLECTION}/{id_})")),
    "OpenAI unknown": lambda id_: (
        404,
        error(f"Unknown request URL: GET {COLLECTION}/{id_}. Please check the URL.", code="unknown_url"),
    ),
    "path in quotes": lambda id_: (404, error(f"The endpoint for '{id_}' was not found.")),
    "a project": lambda _: (404, error("Project `p` not found.")),
    "an error text": lambda id_: (404, {"error": f"{id_} not found"}),
    "no error at all": lambda id_: (404, {"message": f"{id_} not found"}),
    "405": lambda _: (405, error("Only POST requests are accepted.", code="method_not_supported")),
    "200 with 404": lambda id_: (200, {"error": {"message": f"{id_} not found", "code": 404}}),
}
GONE: dict[str, Callable[[str], tuple[int, Any]]] = {
    "OpenAI": lambda id_: (404, error(f"Chat completion with id '{id_}' not found.")),
    "no type": lambda id_: (404, {"error": {"message": f"No completion {id_}."}}),
    "no id": lambda _: (404, error("Not found")),
    "code": lambda id_: (404, error(f"{id_} does not exist", code="not_found")),
}
STATUSES: dict[str, tuple[int, Any]] = {
    "400": (400, error("no")),
    "401": (401, error("no")),
    "403": (403, error("no")),
    "410": (410, error("no")),
    "429": (429, error("no")),
    "500": (500, error("no")),
    "HTML": (200, "<html>Please log in</html>"),
}


def is_about_one(asked: Asked) -> bool:
    return asked.target.startswith(f"{COLLECTION}/")


def id_of(asked: Asked) -> str:
    return asked.target.removeprefix(f"{COLLECTION}/").partition("?")[0]


@pytest.mark.parametrize("shape", NO_STORE)
def test_no_store(managed: Managed, host: StoreHost, shape: str) -> None:
    """Three applies, an edit of the labels among them, and one POST: the answer is in the state."""
    host.fault = lambda asked: NO_STORE[shape](id_of(asked)) if is_about_one(asked) else ""
    managed.apply(**ONE)
    (first,) = ids(managed)
    for _ in range(2):
        managed.apply(**ONE)
        assert ids(managed) == [first]
        if shape != "200 with 404":
            assert managed.errors == []
            assert managed.told[0][1] == "Chat Completions Store not enabled"
    assert len(host.created) == 1


@pytest.mark.parametrize("shape", NO_STORE)
def test_an_edit_without_a_store(managed: Managed, host: StoreHost, shape: str) -> None:
    """An edit is one more POST, and the old completion that cannot be deleted is told."""
    host.fault = lambda asked: (
        NO_STORE[shape](id_of(asked)) if is_about_one(asked) or asked.method != "POST" else ""
    )
    managed.apply(**ONE)
    (first,) = ids(managed)
    managed.apply(**{**ONE, "messages": user("two")})
    assert managed.content == "You said: two"
    assert any(first in it for it in managed.warnings)
    managed.apply(**{**ONE, "messages": user("two")})
    assert len(host.created) == 2


@pytest.mark.parametrize("status", STATUSES)
def test_an_answer_that_says_nothing_about_the_store(managed: Managed, host: StoreHost, status: str) -> None:
    """A refresh that fails is an error, and never a reason to ask again."""
    managed.apply(**ONE)
    (first,) = ids(managed)
    host.fault = lambda asked: STATUSES[status] if is_about_one(asked) else ""
    for _ in range(2):
        managed.plan(**ONE)
        assert len(managed.errors) == 1
        assert ids(managed) == [first]
    assert len(host.created) == 1


@pytest.mark.parametrize("shape", GONE)
@pytest.mark.parametrize("policy", ["keep", "recreate", None])
def test_gone(managed: Managed, host: StoreHost, shape: str, policy: str | None) -> None:
    """The API says it of that very completion: recreated once, if that is wanted, and kept otherwise."""
    arguments = {**ONE, "on_missing": policy}
    managed.apply(**arguments)
    (first,) = ids(managed)
    gone = {first}
    host.fault = lambda asked: GONE[shape](id_of(asked)) if id_of(asked) in gone else ""
    for _ in range(3):
        managed.apply(**arguments)
        assert managed.errors == []
    assert len(host.created) == (2 if policy == "recreate" else 1)


def test_a_host_that_gives_no_ids(managed: Managed, api: Loopback, host: StoreHost) -> None:
    """What has no id is never looked up, and never requested again."""
    usual = completion("", said("text"))
    del usual["id"]
    api.rule = lambda asked: (200, usual) if asked.method == "POST" else (404, error("Not found"))
    managed.apply(**ONE)
    api.asked.clear()
    managed.apply(**ONE)
    managed.apply(**ONE, metadata={"k": "v"})
    managed.destroy()
    assert (managed.state, managed.told, api.asked) == (None, [], [])


@pytest.mark.parametrize("completion_id", ["chatcmpl-BkUrlQ8", "chatcmpl-url", "path", "page-1"])
def test_an_id_with_a_word_in_it(managed: Managed, api: Loopback, completion_id: str) -> None:
    """What the id happens to spell says nothing."""
    api.rule = lambda asked: (
        (200, completion(completion_id, said("text")))
        if asked.target == COLLECTION
        else (404, error(f"Chat completion with id '{completion_id}' not found."))
    )
    managed.apply(**ONE)
    managed.plan(**ONE)
    assert managed.told[0][1] == "Not found in the Chat Completions Store"
    assert managed.state is None


@pytest.mark.parametrize(
    "shape", [it for it in NO_STORE if it not in ("200 with 404", "Azure deployment", "a project")]
)
def test_a_wrong_address(managed: Managed, api: Loopback, shape: str) -> None:
    """A creation that nobody takes is told as that, whether it is stored or not."""
    api.rule = lambda _: NO_STORE[shape]("chatcmpl-1")
    for store in (False, True):
        managed.apply(messages=user("one"), store=store, idempotency_key="a")
        ((severity, summary, detail),) = managed.told
        assert (severity, summary) == ("error", "No OpenAI API at this address")
        assert "it usually ends in /v1" in detail
        assert "store" not in detail.lower()


@pytest.mark.parametrize(
    "body",
    [
        error("The model `x` does not exist.", code="model_not_found"),
        {"error": {"message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404}},
        {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404},
        {"error": {"message": 'model "x" not found, try pulling it first', "type": "api_error"}},
        {"error": "model 'x' not found"},
        {"error": {"message": "No such model: x"}},
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}},
    ],
)
def test_no_model(managed: Managed, host: StoreHost, body: Any) -> None:
    """A model that is not there is told as that, in the words of any host; the next one may do."""
    host.fault = lambda asked: (404, body) if asked.body["model"] == "x" else ""
    managed.apply(messages=user("one"), model="x")
    assert [it[1] for it in managed.told] == ["Model not available"]
    managed.apply(messages=user("one"), model="x", fallback_models=["gpt-4o"])
    assert (managed.content, managed.told) == ("You said: one", [])


@pytest.mark.parametrize("completion_id", ["", "a/b", "a b", "a?b", "a#b"])
def test_an_import_of_no_id(managed: Managed, api: Loopback, completion_id: str) -> None:
    """Refused before anything is sent."""
    answer = managed.at.imports(completion_id)
    assert [it[1] for it in answer[1]] == ["Not the id of a completion"]
    assert not api.asked


def test_an_id_of_any_signs(managed: Managed, api: Loopback) -> None:
    """An id that a host made is encoded in the path."""
    odd = "gen/1 %\u00e9"
    api.rule = lambda _: (200, completion(odd, said("text")))
    managed.apply(**ONE)
    managed.plan(**ONE)
    assert api.lines[-1] == f"GET {COLLECTION}/{quote(odd, safe='')}"


@pytest.mark.parametrize(
    ("stored", "written", "asks"),
    [
        ("gpt-4o-mini", "gpt-4o", True),
        ("gpt-4o", "gpt-4o-mini", True),
        ("gpt-4-turbo", "gpt-4", True),
        ("gpt-5.4-mini", "gpt-5.4", True),
        ("gpt-4o-audio-preview-2024-10-01", "gpt-4o", True),
        ("gpt-4o-2024-08-06-ft", "gpt-4o", True),
        ("gpt-4o-2024-08-06", "gpt-4o", False),
        ("gpt-4-0613", "gpt-4", False),
        ("gpt-4o", "gpt-4o", False),
    ],
)
def test_an_import_adopts_the_same_model_only(
    managed: Managed, host: StoreHost, stored: str, written: str, asks: bool
) -> None:
    """The model itself or a dated release of it; the answer of any other is requested again."""
    host.stored["c"] = {**completion("c", said("text"), model=stored), "metadata": {}}
    managed.state, _ = managed.at.imports("c")
    assert managed.state
    assert managed.state["model"] == stored
    arguments = {"store": True, "messages": managed.state["messages"], "model": written}
    assert managed.asks(**arguments) is asks


TOOL = {"name": "f", "description": None, "parameters": None, "strict": None}
SHAPE = {"type": "json_schema", "name": "s", "description": None, "schema": None, "strict": None}


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        ('{"type":"object"}', '{"type": "object"}', False),
        ('{"type":"object","a":{"b":1.0}}', '\n{"a": {"b": 1}, "type": "object"}\n', False),
        ('{"a":"\\u00e9"}', '{"a":"\u00e9"}', False),
        ('{"a":true}', '{"a":1}', True),
        ('{"a":null}', "{}", True),
        ('{"a":[1,2]}', '{"a":[2,1]}', True),
        ('{"a":""}', '{"a":null}', True),
        ('{"type":"object"}', '{"type":"string"}', True),
    ],
)
@pytest.mark.parametrize("place", ["tools", "functions", "response_format"])
def test_json_is_compared_by_meaning(
    managed: Managed, host: StoreHost, place: str, before: str, after: str, asks: bool
) -> None:
    """Other spacing, order or escapes are no edit, and the plan shows none."""

    def written(text: str) -> dict[str, Any]:
        blocks = {
            "tools": {**TOOL, "parameters": text},
            "functions": {"name": "f", "description": None, "parameters": text},
            "response_format": {**SHAPE, "schema": text},
        }
        return {"messages": user("one"), place: [blocks[place]]}

    managed.apply(**written(before))
    assert managed.is_planned_empty(**written(after)) is not asks
    assert managed.asks(**written(after)) is asks


@pytest.mark.parametrize(
    "echo",
    [
        {"tool_choice": "auto"},
        {"response_format": {"type": "text"}},
        {"tools": [{"type": "function", "function": {"name": "f", "strict": False, "parameters": {}}}]},
    ],
)
def test_an_import_of_what_the_api_fills_in(managed: Managed, host: StoreHost, echo: dict[str, Any]) -> None:
    """A default that the store returns is no edit of a configuration without it."""
    host.stored["c"] = {**completion("c", said("text")), "metadata": {}, **echo}
    managed.state, _ = managed.at.imports("c")
    assert managed.state
    arguments: dict[str, Any] = {"store": True, "messages": managed.state["messages"]}
    if "tools" in echo:
        arguments["tools"] = [{**TOOL, "parameters": "{}"}]
    assert not managed.asks(**arguments)
    managed.apply(**arguments)
    assert managed.is_planned_empty(**arguments)


def test_a_tool_without_parameters(managed: Managed, host: StoreHost) -> None:
    """It is sent, and stored, with those of no arguments: an import of it is planned empty."""
    stored = {"type": "object", "properties": {}}
    tool = {"type": "function", "function": {"name": "f", "parameters": stored}}
    host.stored["c"] = {**completion("c", said("text")), "metadata": {}, "tools": [tool]}
    managed.state, _ = managed.at.imports("c")
    assert managed.state
    arguments = {"store": True, "messages": managed.state["messages"], "tools": [TOOL]}
    assert not managed.asks(**arguments)


@pytest.mark.parametrize(("hint", "status", "times"), [("true", 400, 3), ("false", 500, 1), ("x", 400, 1)])
def test_the_api_says_whether_to_retry(
    direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch, hint: str, status: int, times: int
) -> None:
    """`x-should-retry` overrides what the status says."""
    monkeypatch.setattr("openai_constructs.provider.native.client._FIRST_WAIT", 0.001)
    api.rule = lambda _: (status, error("no"), {"x-should-retry": hint})
    ((_, _, detail),) = direct(api.url, max_retries=2).create()[1]
    assert len(api.asked) == times
    assert ("The request was sent 3 times." in detail) is (times == 3)
    assert ("The API says not to retry" in detail) is (hint == "false")


def test_quota_is_exhausted_whatever_the_hint(direct: Make, api: Loopback) -> None:
    """No retry makes money."""
    api.rule = lambda _: (429, error("no", code="insufficient_quota"), {"x-should-retry": "true"})
    direct(api.url, max_retries=2).create()
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"retry-after": "300"}, "wait 300 seconds"),
        ({"retry-after-ms": "150000"}, "wait 150 seconds"),
        ({"retry-after": "3600"}, "wait 60 minutes"),
        ({"retry-after": "86400"}, "wait 24 hours"),
        ({"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}, "hours"),
    ],
)
def test_a_long_wait_is_told_truly(direct: Make, api: Loopback, header: dict[str, str], words: str) -> None:
    """One request, and the error says how long the API asks to wait, and of no retries."""
    api.rule = lambda _: (429, error("slow down"), header)
    ((_, _, detail),) = direct(api.url, max_retries=3).create()[1]
    assert len(api.asked) == 1
    assert words in detail
    assert "so it was not retried" in detail
    assert "sent" not in detail


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "soon", ""])
def test_odd_waits(direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """What is no wait is none."""
    monkeypatch.setattr("openai_constructs.provider.native.client._FIRST_WAIT", 0.001)
    api.rule = lambda _: (429, error("slow down"), {"retry-after": value})
    assert direct(api.url, max_retries=1).create()[1][0][1] == "Rate limit reached"
    assert len(api.asked) == 2
