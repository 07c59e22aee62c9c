"""Replaying real answers: a request that was made before is answered as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openai import BadRequestError
from tests.archive.support import completion, entry, request

from openai_constructs.archive import Archive
from openai_constructs.archive.replay import Replay
from openai_constructs.cli import main
from openai_constructs.emulator import Emulator
from openai_constructs.errors import ArchiveError, EmulatorError

Recording = Callable[..., str]


@pytest.fixture(params=["archive", "file", "export"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    """Records answers; the name of the archive by its URL, of its file, or of its export."""

    def record(*entries: Any, marks: dict[str, Any] | None = None) -> str:
        file = tmp_path / "answers.db"
        with Archive.open(f"sqlite:///{file}", create=True) as archive:
            for it in entries:
                archive.record(it)
            for completion_id, status in (marks or {}).items():
                archive.mark(completion_id, status)
        if request.param == "export":
            export = str(tmp_path / "answers.jsonl")
            options = ["archive", "export", "--archive", str(file), "-o", export]
            assert CliRunner().invoke(main, options).exit_code == 0
            return export
        return str(file) if request.param == "file" else f"sqlite:///{file}"

    return record


def ask(emulator: Emulator, **arguments: Any) -> dict[str, Any]:
    body = {**request(), **arguments}
    with emulator.client(max_retries=0) as client:
        raw = client.chat.completions.with_raw_response.create(**body)
    shown: dict[str, Any] = json.loads(raw.text)
    return shown


def test_a_recorded_request_gets_the_real_answer(recording: Recording) -> None:
    """The same object that the API sent, id and time included, whatever its labels and delivery are."""
    with Emulator(replay=recording(entry())) as emulator:
        assert ask(emulator) == completion()
        assert ask(emulator, store=True, metadata={"a": "b"}) == completion()
        assert ask(emulator, messages=[{"role": "user", "content": "Bye?"}])["choices"][0]["message"][
            "content"
        ].startswith("Emulated")


def test_a_stored_request_is_in_the_store_under_its_real_id(recording: Recording) -> None:
    """A lookup finds it; a second one that stores the same gets an id of its own."""
    with Emulator(replay=recording(entry())) as emulator:
        assert ask(emulator, store=True)["id"] == "chatcmpl-1"
        with emulator.client() as client:
            assert client.chat.completions.retrieve("chatcmpl-1").choices[0].message.content == "Hello."
        second = ask(emulator, store=True)
        assert second["id"] != "chatcmpl-1"
        assert second["choices"] == completion()["choices"]
        emulator.reset()
        assert ask(emulator, store=True)["id"] == "chatcmpl-1"


def test_a_stream_has_the_real_text(recording: Recording) -> None:
    """Streaming works with an answer that lacks what only OpenAI sends."""
    bare = {
        "id": "x",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"content": "Hello, you."}}],
    }
    with Emulator(replay=recording(entry(completion=bare))) as emulator, emulator.client() as client:
        chunks = client.chat.completions.create(**request(), stream=True)
        text = "".join(it.choices[0].delta.content or "" for it in chunks)
    assert text == "Hello, you."


def test_the_newest_current_answer_comes_first_and_repetitions_get_the_others(recording: Recording) -> None:
    """An answer that was replaced or destroyed is not replayed where there is a current one."""
    entries = [entry(id_) for id_ in ("old", "gone", "one", "two")]
    source = recording(*entries, marks={"old": "replaced", "gone": "destroyed", "one": "acknowledged"})
    with Emulator(replay=source) as emulator:
        assert [ask(emulator)["id"] for _ in range(3)] == ["two", "one", "two"]


def test_a_destroyed_answer_is_replayed_where_there_is_no_other(recording: Recording) -> None:
    """An archive of a stack that was destroyed still replays it."""
    with Emulator(replay=recording(entry("gone"), marks={"gone": "destroyed"})) as emulator:
        assert ask(emulator)["id"] == "gone"


def test_scripted_answers_and_faults_come_first(recording: Recording, tmp_path: Path) -> None:
    """A script still decides; a recording answers what the script lets through."""
    replies = tmp_path / "replies.yaml"
    replies.write_text("replies:\n  - {answer: Scripted., times: 1}\n  - {delay: 0.01}\n")
    with Emulator(replay=recording(entry()), replies=replies, fail="500:x1") as emulator:
        with pytest.raises(Exception, match="The server had an error"):
            ask(emulator)
        assert ask(emulator)["choices"][0]["message"]["content"] == "Scripted."
        assert ask(emulator) == completion()


def test_a_recorded_model_is_known_and_its_request_valid(recording: Recording) -> None:
    """The API took the request, so the emulator does, too: a model that it does not know, for one."""
    body = request(model="gpt-17-nova", temperature=9)
    with Emulator(replay=recording(entry(body=body))) as emulator:
        assert ask(emulator, model="gpt-17-nova", temperature=9) == completion()
        with pytest.raises(BadRequestError):
            ask(emulator, temperature=9)


def test_replay_only_names_the_nearest_request_and_what_differs(recording: Recording) -> None:
    """The error says whose request is nearest, and where the two part."""
    long = "Once upon a time there was a very long prompt, and at its end it says: "
    near = entry("near", key="app-stack/story", body=request(f"{long}be kind", temperature=0.5))
    far = entry("far", key="app-stack/other", body=request("Something else", temperature=0.7))
    asked = {"messages": [{"role": "user", "content": f"{long}be bold"}], "temperature": 0.7, "seed": 1}
    with (
        Emulator(replay=recording(near, far), replay_only=True) as emulator,
        pytest.raises(BadRequestError) as caught,
    ):
        ask(emulator, **asked)
    message = str(caught.value)
    assert (
        "No answer is recorded for this request to gpt-4o. The nearest one is of app-stack/story (20"
        in message
    )
    assert "it says: be bold' here, " in message
    assert "it says: be kind' recorded" in message
    assert "temperature: 0.7 here, 0.5 recorded" in message
    assert "seed: 1 here, nothing recorded" in message
    assert caught.value.code == "not_recorded"


def test_replay_only_without_anything_to_compare(recording: Recording) -> None:
    """An archive without prompts still replays, and says that it has nothing to compare."""
    with Emulator(replay=recording(entry(with_prompts=False)), replay_only=True) as emulator:
        assert ask(emulator) == completion()
        with pytest.raises(BadRequestError, match="has no request to compare it with"):
            ask(emulator, model="gpt-5")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "is not an export as JSON Lines"),
        ('{"digest": "x"}\n', "line 1: this is not a row of `openai-constructs archive export`"),
        ("[]", "this is not a row of"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, content: str | None, words: str) -> None:
    """The emulator does not start without its recording."""
    file = tmp_path / "answers.jsonl"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ArchiveError, match=words), Emulator(replay=file):
        pass


def test_a_database_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    """Nor does it make an empty archive where there is none."""
    with pytest.raises(ArchiveError, match="the file does not exist"):
        Replay(tmp_path / "missing.db")
    with pytest.raises(EmulatorError, match="replay_only needs recorded answers"), Emulator(replay_only=True):
        pass
    assert list(tmp_path.iterdir()) == []
