"""The archive against a model: a list of answers with their status."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.support import machine_settings

from openai_constructs.archive.archive import Archive, Status
from openai_constructs.archive.digest import request_digest
from openai_constructs.archive.entry import Entry

RANK: dict[Status, int] = {"answered": 0, "acknowledged": 1, "replaced": 2, "destroyed": 2}
KEYS = st.sampled_from(["stack/a", "stack/b"])
PROMPTS = st.sampled_from(["one", "two"])


class Answers(RuleBasedStateMachine):
    """Records and marks answers, opens the archive again, and compares what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.address = f"sqlite:///{Path(self.folder.name) / 'answers.db'}"
        self.archive = Archive.open(self.address, create=True)
        self.model: list[dict[str, Any]] = []

    def teardown(self) -> None:
        self.archive.close()
        self.folder.cleanup()

    @rule(key=KEYS, prompt=PROMPTS, stored=st.booleans())
    def record(self, key: str, prompt: str, stored: bool) -> None:
        body = {"model": "m", "messages": [{"role": "user", "content": prompt}], "store": stored}
        completion = {"id": f"c-{len(self.model)}", "model": "m", "choices": []}
        self.archive.record(
            Entry(body=body, completion=completion, key=key, workspace="default", host="localhost")
        )
        self.model.append(
            {
                "id": completion["id"],
                "key": key,
                "digest": request_digest(body),
                "stored": stored,
                "status": "answered",
            }
        )

    @rule(number=st.integers(0, 50), status=st.sampled_from([*RANK][1:]))
    def mark(self, number: int, status: Status) -> None:
        if not self.model:
            return
        row = self.model[number % len(self.model)]
        self.archive.mark(row["id"], status)
        if RANK[status] > RANK[row["status"]]:
            row["status"] = status

    @rule()
    def open_again(self) -> None:
        self.archive.close()
        self.archive = Archive.open(self.address, create=True)

    @rule(key=KEYS, prompt=PROMPTS, stored=st.booleans())
    def unacknowledged(self, key: str, prompt: str, stored: bool) -> None:
        digest = request_digest({"model": "m", "messages": [{"role": "user", "content": prompt}]})
        found = self.archive.unacknowledged(key, [digest], stored=stored)
        expected = [
            it["id"]
            for it in self.model
            if (it["key"], it["digest"], it["stored"], it["status"]) == (key, digest, stored, "answered")
        ]
        assert [it["id"] for it in found] == expected

    @invariant()
    def has_every_answer(self) -> None:
        for row in self.model[-3:]:
            completion = self.archive.completion(row["id"])
            assert completion is not None
            (recorded,) = [
                it for it in self.archive.answers_to(row["digest"]) if it.completion["id"] == row["id"]
            ]
            assert recorded.status == row["status"]


@pytest.mark.proof
def test_the_archive_against_a_model(record_property: Any) -> None:
    """Whatever is recorded, marked and found, the archive has what a model of it has."""
    settings = machine_settings(quick=5)
    run_state_machine_as_test(Answers, settings=settings)
    record_property("programs against a model of the archive", settings.max_examples)
