"""The emulator's store against a model: a dict of completions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.emulator.conftest import plain
from tests.support import machine_settings

from openai_constructs.emulator import Emulator

PATH = "/v1/chat/completions"
METADATA = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", ""]), max_size=2)
MODELS = st.sampled_from(["gpt-4o", "gpt-4.1"])


class Completions(RuleBasedStateMachine):
    """Creates, changes, deletes and lists completions, in the emulator and in a dict."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.emulator = Emulator().__enter__()
        self.http = plain(self.emulator)
        self.model: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.http.close()
        self.emulator.__exit__(None, None, None)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = self.http.request(method, f"{PATH}{path}", **options)
        assert response.status_code in (200, 404), response.text
        return response

    @rule(target=ids, model=MODELS, text=st.sampled_from(["one", "two", "\U0001f600"]), metadata=METADATA)
    def create(self, model: str, text: str, metadata: dict[str, str]) -> str:
        messages = [{"role": "user", "content": text}]
        body = {"model": model, "messages": messages, "store": True, "metadata": metadata}
        created = self.send("POST", "", json=body).json()
        assert created["id"] not in self.model
        self.model[created["id"]] = {"model": model, "metadata": metadata, "text": text}
        return str(created["id"])

    @rule(model=MODELS)
    def create_without_storing(self, model: str) -> None:
        self.send("POST", "", json={"model": model, "messages": [{"role": "user", "content": "no"}]})

    @rule(which=ids, metadata=METADATA)
    def update(self, which: str, metadata: dict[str, str]) -> None:
        response = self.send("POST", f"/{which}", json={"metadata": metadata})
        assert (response.status_code == 200) == (which in self.model)
        if which in self.model:
            self.model[which]["metadata"] = metadata

    @rule(which=consumes(ids))
    def delete(self, which: str) -> None:
        assert (self.send("DELETE", f"/{which}").status_code == 200) == (
            self.model.pop(which, None) is not None
        )

    @rule(which=ids)
    def get(self, which: str) -> None:
        response = self.send("GET", f"/{which}")
        if which not in self.model:
            assert response.status_code == 404
            return
        assert response.json()["metadata"] == self.model[which]["metadata"]
        (message,) = self.send("GET", f"/{which}/messages").json()["data"]
        assert message["content"] == self.model[which]["text"]

    @rule(
        model=st.none() | MODELS,
        metadata=METADATA,
        order=st.sampled_from(["asc", "desc"]),
        limit=st.integers(1, 4),
    )
    def pages(self, model: str | None, metadata: dict[str, str], order: str, limit: int) -> None:
        query = {f"metadata[{key}]": value for key, value in metadata.items()}
        query |= {"order": order, "limit": str(limit)} | ({"model": model} if model else {})
        found: list[str] = []
        while True:
            after = {"after": found[-1]} if found else {}
            page = self.send("GET", "", params={**query, **after}).json()
            found += [it["id"] for it in page["data"]]
            if not page["has_more"]:
                break
        expected = [
            key
            for key, it in self.model.items()
            if model in (None, it["model"]) and metadata.items() <= it["metadata"].items()
        ]
        assert found == (expected if order == "asc" else expected[::-1])

    @invariant()
    def has_what_the_model_has(self) -> None:
        listed = self.send("GET", "", params={"limit": "100", "order": "asc"}).json()
        assert [it["id"] for it in listed["data"]] == list(self.model)[:100]


@pytest.mark.proof
def test_the_store_against_a_model(record_property: Any) -> None:
    """Whatever is created, changed, listed and deleted, the store has what a model of it has."""
    settings = machine_settings(quick=4)
    run_state_machine_as_test(Completions, settings=settings)
    record_property("programs against a model of the store", settings.max_examples)
