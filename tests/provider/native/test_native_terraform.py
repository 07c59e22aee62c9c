"""Edits and incomplete answers with the real Terraform: what only it decides."""

from __future__ import annotations

from typing import Any

import pytest
from tests.provider.loopback import Loopback, error
from tests.provider.native.native_support import ADDRESS, HEAD, asking
from tests.provider.native.store_host import StoreHost, said
from tests.support import Workspace

pytestmark = pytest.mark.terraform
OTHER = "openai_chat_completion.b"


def configured(prompt: str, more: str = "", rest: str = "") -> str:
    return HEAD.replace("SETTINGS", "max_retries = 0") + asking(prompt, more=f"store = true\n{more}") + rest


def cut_two(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    prompt = body["messages"][-1]["content"]
    return said(f"You said: {prompt}"), "length" if prompt == "two" else "stop"


def test_an_edit_and_what_depends_on_it(folder: Workspace, api: Loopback, host: StoreHost) -> None:
    """A failed edit keeps both answers; a good one reaches the dependent in the same apply."""
    dependent = asking(f"${{{ADDRESS}.choices[0].message[0].content}}", name="b")
    here = folder.write(configured("one", rest=dependent)).init()
    assert here.apply().code == 0
    before = here.shown()["values"]
    host.fault = lambda asked: (429, error("no", code="insufficient_quota")) if asked.method == "POST" else ""
    here.write(configured("two", rest=dependent))
    assert here.planned() == {ADDRESS: ["update"], OTHER: ["update"]}
    ran = here.apply()
    assert ran.code == 1
    assert "The old answer stays in the state and in the store" in ran
    assert here.shown()["values"] == before
    assert here.planned() == {ADDRESS: ["update"], OTHER: ["update"]}
    host.fault = lambda _: ""
    assert here.apply().code == 0
    assert here.state(OTHER)["choices"][0]["message"][0]["content"] == "You said: You said: two"
    assert here.plan().code == 0
    assert len(host.created) == 4
    assert list(host.stored) == [here.state(ADDRESS)["id"]]


def test_a_refused_edit(folder: Workspace, host: StoreHost) -> None:
    """Private data survive in the state: the second apply pays nothing, and accepting it neither."""
    refused = 'on_incomplete = "error"'
    here = folder.write(configured("one", refused)).init()
    assert here.apply().code == 0
    old = here.state(ADDRESS)
    host.finish = cut_two
    here.write(configured("two", refused))
    for _ in range(2):
        ran = here.apply()
        assert ran.code == 1
        assert "was cut at the token limit" in ran
        assert here.state(ADDRESS) == old
    assert "This request has been answered already" in here.plan()
    here.write(configured("two", 'on_incomplete = "accept"'))
    assert here.apply().code == 0
    assert here.state(ADDRESS)["choices"][0]["finish_reason"] == "length"
    assert len(host.created) == 2
    assert here.plan().code == 0


def test_a_refused_creation(folder: Workspace, host: StoreHost) -> None:
    """It is tainted; its answer goes from refresh to plan, to deletion, to creation."""
    refused = 'on_incomplete = "error"'
    host.finish = cut_two
    here = folder.write(configured("two", refused)).init()
    for _ in range(3):
        ran = here.apply()
        assert ran.code == 1
        assert "was cut at the token limit" in ran
        assert list(host.stored) == [here.state(ADDRESS)["id"]]
    assert len(host.created) == 1
    here.write(configured("two"))
    assert here.apply().code == 0
    assert (len(host.created), list(host.stored)) == (1, [here.state(ADDRESS)["id"]])
    assert here.plan().code == 0
    here.write(configured("two", refused))
    assert here.apply(f"-replace={ADDRESS}").code == 1
    assert here.run("untaint", ADDRESS).code == 0
    assert here.plan().code == 0
    assert here.run("destroy", "-auto-approve", "-no-color").code == 0
    assert (len(host.created), host.stored) == (2, {})


def test_replacements_of_the_users(folder: Workspace, host: StoreHost) -> None:
    """`replace_triggered_by`, `taint` and `create_before_destroy` replace, each for one request."""
    rest = 'resource "terraform_data" "trigger" {\n  input = "VALUE"\n}\n'
    lifecycle = (
        "lifecycle {\n create_before_destroy = true\n replace_triggered_by = [terraform_data.trigger]\n }"
    )
    here = folder.write(configured("one", lifecycle, rest)).init()
    assert here.apply().code == 0
    seen = [here.state(ADDRESS)["id"]]
    here.write(configured("one", lifecycle, rest.replace("VALUE", "other")))
    assert here.planned()[ADDRESS] == ["create", "delete"]
    assert here.apply().code == 0
    seen.append(here.state(ADDRESS)["id"])
    assert here.run("taint", ADDRESS).code == 0
    assert here.apply().code == 0
    seen.append(here.state(ADDRESS)["id"])
    assert len(set(seen)) == len(host.created) == 3
    assert list(host.stored) == seen[-1:]
    here.write(configured("edited", lifecycle, rest.replace("VALUE", "other")))
    assert here.planned()[ADDRESS] == ["update"]
