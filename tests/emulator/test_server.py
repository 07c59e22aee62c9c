"""Starting and stopping, and everything a start refuses."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from openai_constructs.emulator import Emulator
from openai_constructs.emulator.database import VERSION
from openai_constructs.errors import EmulatorError

from .conftest import HELLO, plain

POST = "/v1/chat/completions"
SERVE = "from openai_constructs.emulator import serve; serve(on_start=lambda url: print(url, flush=True))"


def test_importing_is_cheap() -> None:
    """Importing the package starts nothing, and imports neither the HTTP server nor the CDK nor the SDK."""
    heavy = ["uvicorn", "orjson", "yaml", "openai", "cdktf", "cdktn", "jsii", "pydantic", "sqlite3"]
    code = f"import sys, openai_constructs.emulator; print([it for it in {heavy} if it in sys.modules])"
    # Measured without coverage, which imports sqlite3 itself.
    env = {name: it for name, it in os.environ.items() if not name.startswith("COVERAGE")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert ran.stdout.strip() == "[]"


def test_two_at_once() -> None:
    """Emulators in one process have ports and stores of their own."""
    with Emulator() as one, Emulator() as other:
        assert one.url != other.url
        with plain(one) as http:
            http.post(POST, json={**HELLO, "store": True})
        with plain(other) as http:
            assert http.get(POST).json()["data"] == []


def test_it_answers_only_inside_the_with_statement() -> None:
    """After leaving, nothing listens, nothing can be asked of it, and it can be entered again."""
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="not running"):
        emulator.requests()
    with emulator:
        url = emulator.url
        with pytest.raises(RuntimeError, match="already"):
            emulator.__enter__()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    with emulator:
        assert httpx.get(emulator.url, trust_env=False).status_code == 404


def test_a_client_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """`client()` is ready to use; without the SDK, the error says what to install."""
    with Emulator() as emulator:
        message: Any = {"role": "user", "content": "hi"}
        with emulator.client(max_retries=0) as client:
            made = client.chat.completions.create(model="gpt-4o", messages=[message])
        assert made.choices[0].message.content
        monkeypatch.setitem(sys.modules, "openai", None)
        with pytest.raises(EmulatorError, match=r"pip install 'openai-constructs\[test\]'"):
            emulator.client()


def test_loopback_only() -> None:
    """It listens on 127.0.0.1; other addresses are refused, or come with a warning where they are allowed."""
    with Emulator() as emulator:
        assert emulator.url.startswith("http://127.0.0.1:")
    for host in ("0.0.0.0", "::", "example.com", "192.0.2.1"):
        with pytest.raises(EmulatorError, match="other machines"), Emulator(host=host):
            pass
    with (
        pytest.warns(UserWarning, match="can read, change and delete"),
        Emulator(host="0.0.0.0", allow_remote=True),
    ):
        pass


def test_port_in_use() -> None:
    """A port that is taken, or is none, is refused with one message."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(EmulatorError, match=f"127.0.0.1:{port}: the emulator cannot listen there"),
            Emulator(port),
        ):
            pass
    with pytest.raises(EmulatorError, match="70000"), Emulator(70000):
        pass


def test_a_database_lasts(tmp_path: Path) -> None:
    """What is stored in a file is there in the next run, as is what was deleted; new ids are new ones."""
    file = tmp_path / "store.db"
    body = {**HELLO, "store": True, "metadata": {"a": "b"}}
    with Emulator(db=file) as emulator, plain(emulator) as http:
        first, second = (http.post(POST, json=body).json()["id"] for _ in range(2))
        http.delete(f"{POST}/{second}")
        before = http.get(f"{POST}/{first}").json()
    with Emulator(db=file) as emulator, plain(emulator) as http:
        assert http.get(f"{POST}/{first}").json() == before
        assert http.get(f"{POST}/{second}").status_code == 404
        assert http.post(POST, json=body).json()["id"] not in (first, second)


def test_only_the_owner_reads_the_database(tmp_path: Path) -> None:
    """The file and its log are made with mode 0600, and a file that others could read is closed to them."""
    file = tmp_path / "store.db"
    for _ in range(2):
        with Emulator(db=file) as emulator, plain(emulator) as http:
            http.post(POST, json={**HELLO, "store": True})
            files = list(tmp_path.iterdir())
            assert file in files
            assert {stat.S_IMODE(it.stat().st_mode) for it in files} == {0o600}
        file.chmod(0o644)


def test_no_key_is_kept(tmp_path: Path) -> None:
    """The key of a request is nowhere: not in the database, not in the log."""
    file = tmp_path / "store.db"
    key = "sk-never-keep-this"
    with Emulator(db=file) as emulator:
        headers = {"Authorization": f"Bearer {key}"}
        httpx.post(f"{emulator.url}{POST}", json={**HELLO, "store": True}, headers=headers, trust_env=False)
        assert key not in str(emulator.requests())
        assert not any(key.encode() in it.read_bytes() for it in tmp_path.iterdir())


def _database(file: Path) -> None:
    with Emulator(db=file) as emulator, plain(emulator) as http:
        for n in range(50):
            body = {
                "model": "gpt-4o",
                "messages": [{"role": "user", "content": f"{n} " * 300}],
                "store": True,
            }
            http.post(POST, json=body)


def _foreign(file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE t (a)")
    db.close()


def _newer(file: Path) -> None:
    _database(file)
    db = sqlite3.connect(file)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()


def _damaged(file: Path) -> None:
    _database(file)
    data = bytearray(file.read_bytes())
    for at in range(4096, len(data), 4096):
        data[at : at + 64] = b"\xde\xad" * 32
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda file: file.write_text("not a database, and long enough to have a header " * 40),
            "not an SQLite database",
        ),
        (_foreign, "does not belong to the emulator"),
        (_newer, f"has version {VERSION + 1}, from a newer release"),
        (_damaged, "is damaged"),
        (lambda file: file.mkdir(), "cannot be written"),
    ],
    ids=["text", "foreign", "newer", "damaged", "folder"],
)
def test_a_database_that_cannot_be_used(tmp_path: Path, make: object, message: str) -> None:
    """A file that is not ours, damaged or newer is refused with one message, and not changed by a byte."""
    file = tmp_path / "store.db"
    make(file)  # type: ignore[operator]
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(EmulatorError, match=message) as caught, Emulator(db=file):
        pass
    assert str(caught.value).startswith(str(file))
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_a_database_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be made is refused with one message."""
    with pytest.raises(EmulatorError, match="cannot be written"), Emulator(db=tmp_path / "none" / "store.db"):
        pass


def test_a_database_in_use(tmp_path: Path) -> None:
    """Two emulators cannot share a file: the second one is refused, the first goes on."""
    file = tmp_path / "store.db"
    with Emulator(db=file) as emulator:
        with pytest.raises(EmulatorError, match="another process uses this database"), Emulator(db=file):
            pass
        with plain(emulator) as http:
            assert http.post(POST, json={**HELLO, "store": True}).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve(number: signal.Signals) -> None:
    """`serve` answers until it is asked to stop, and then ends with nothing on stderr."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert httpx.get(url, trust_env=False).status_code == 404
        run.send_signal(number)
        _, errors = run.communicate(timeout=10)
        assert (run.returncode, errors) == (0, "")


def test_the_extra_is_named_when_it_is_missing() -> None:
    """Without the packages of the extra `local`, a start says what to install."""
    code = (
        "import sys; sys.modules['uvicorn'] = None; "
        "from openai_constructs.emulator import Emulator; Emulator().__enter__()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'openai-constructs[local]'" in ran.stderr.splitlines()[-1]
