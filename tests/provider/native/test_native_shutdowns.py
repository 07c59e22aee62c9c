"""Plans warn of models that the host says it will shut down; a host that says nothing is never a problem."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from tests.provider.loopback import Answer, Asked, Loopback, error
from tests.provider.native.managed import Managed, user
from tests.provider.native.native_direct import Direct, config, told
from tests.provider.native.store_host import StoreHost
from tf.types import Unknown

from openai_constructs.provider.native import shutdowns
from openai_constructs.provider.native.configuration import settings
from openai_constructs.schema import NATIVE

Make = Callable[..., Direct]


def soon(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def answering(host: StoreHost, answer: Answer) -> None:
    host.fault = lambda asked: answer if is_about_a_model(asked) else ""


def is_about_a_model(asked: Asked) -> bool:
    return asked.target.startswith("/v1/models/")


def questions(api: Loopback) -> list[str]:
    return [it.target for it in api.asked if is_about_a_model(it)]


@pytest.fixture
def managed(direct: Make, api: Loopback, host: StoreHost) -> Managed:
    return Managed(direct(api.url, shutdown_warning_days=90))


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (soon(90), "Model mine will be shut down by OpenAI on {}, in 90 days: pick another."),
        (soon(1), "Model mine will be shut down by OpenAI on {}, in 1 day: pick another."),
        (soon(0), "Model mine was to be shut down by OpenAI on {}: pick another."),
        (soon(-9), "Model mine was to be shut down by OpenAI on {}: pick another."),
        (soon(91), None),
        (None, None),
        ("next year", None),
        (17, None),
    ],
)
def test_the_date_of_the_host(
    managed: Managed, api: Loopback, host: StoreHost, day: Any, start: str | None
) -> None:
    """Every plan warns from 90 days before the date, of a creation, an edit, and without a change."""
    answering(host, (200, {"id": "mine", "object": "model", "shutdown_date": day}))
    expected = [] if start is None else [start.format(day)]
    for prompt in ("one", "one", "two"):
        managed.plan(model="mine", messages=user(prompt))
        assert managed.warnings == expected
        managed.apply(model="mine", messages=user(prompt))
        assert managed.errors == []
        assert managed.content == f"You said: {prompt}"


def test_the_successor_is_named(managed: Managed, host: StoreHost) -> None:
    """Where OpenAI has named one."""
    answering(host, (200, {"id": "gpt-4o", "shutdown_date": soon(10)}))
    managed.plan(model="gpt-4o")
    assert managed.warnings[0].endswith("in 10 days: change to gpt-6-luna.")


def test_one_request_a_model(direct: Make, api: Loopback, host: StoreHost) -> None:
    """However many completions use it; models that stand in are asked about, and unknown ones are not."""
    answering(host, (200, {"shutdown_date": soon(5)}))
    at = direct(api.url, shutdown_warning_days=90)
    for _ in range(3):
        plan = at.plan(None, config(model="a/b", fallback_models=["c", "a/b"]))
        assert len(told(plan)) == 3
    assert told(at.plan(None, config(model=Unknown, fallback_models=Unknown))) == []
    assert questions(api) == ["/v1/models/a%2Fb", "/v1/models/c"]


FAILURES: dict[str, Answer] = {
    "404": (404, {"detail": "Not Found"}),
    "401": (401, error("no")),
    "429": (429, error("no"), {"retry-after": "60"}),
    "500": (500, error("no")),
    "cut": None,
    "no JSON": (200, "<html>"),
    "a list": (200, []),
    "an error": (200, {"error": {"message": "no"}}),
    "nothing": (200, {}),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_no_error(direct: Make, api: Loopback, name: str) -> None:
    """The plan is as without the question, which is asked once and not retried."""
    api.rule = lambda _: FAILURES[name]
    at = direct(api.url, shutdown_warning_days=90, max_retries=5)
    for _ in range(2):
        assert told(at.plan(None, config(model="m"))) == []
    assert len(questions(api)) == 1


def test_a_host_that_cannot_be_reached_is_asked_once(direct: Make) -> None:
    """Ten models do not wait ten times."""
    at = direct("http://127.0.0.1:1", shutdown_warning_days=90)
    for number in range(10):
        assert told(at.plan(None, config(model=f"m{number}"))) == []
    assert len(at.provider.session.shutdowns._dates) == 1


def test_a_host_that_does_not_answer(direct: Make, api: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for a short while only."""
    monkeypatch.setattr(shutdowns, "_SECONDS", 0.0)
    api.rule = lambda _: (200, {"shutdown_date": soon(5)})
    at = direct(api.url, shutdown_warning_days=90)
    assert told(at.plan(None, config(model="m"))) == []


@pytest.mark.parametrize(
    ("written", "environment", "expected"),
    [(None, {}, 90), (30, {}, 30), (0, {}, 0), (None, {"OPENAI_CONSTRUCTS_LOCAL": "1"}, 0)],
)
def test_the_argument(written: int | None, environment: dict[str, str], expected: int) -> None:
    """90 days where it is left out, off at 0, and off in local runs, where nothing is shut down."""
    block = {**dict.fromkeys(NATIVE.provider.attributes), "shutdown_warning_days": written}
    assert settings([], block, environment).shutdown_warning_days == expected  # type: ignore[arg-type]


def test_off(direct: Make, api: Loopback, host: StoreHost) -> None:
    """At 0 nothing is asked."""
    answering(host, (200, {"shutdown_date": soon(5)}))
    at = direct(api.url, shutdown_warning_days=0)
    assert told(at.plan(None, config(model="m"))) == []
    assert api.asked == []
