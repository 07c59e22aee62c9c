"""The providers of the running process, called over their sockets as Terraform calls them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from tests.provider.loopback import Loopback
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.utils import read_dynamic_value, to_dynamic_value

from openai_constructs.provider.core import sockets
from openai_constructs.provider.core.in_process import serve_in_process
from openai_constructs.provider.editions import ADDRESSES, NATIVE_ADDRESS
from openai_constructs.schema import NATIVE, PROVIDER, Block

NAME = "openai_chat_completion"
NULL = pb.DynamicValue(msgpack=b"\xc0")
EDITIONS = pytest.mark.parametrize(
    ("address", "table"),
    [(ADDRESSES[0], PROVIDER), (NATIVE_ADDRESS, NATIVE.provider)],
    ids=["compat", "native"],
)


@contextmanager
def connected(reattach: str, address: str) -> Iterator[Any]:
    """The calls of a provider that ``TF_REATTACH_PROVIDERS`` names."""
    target = json.loads(reattach)[address]
    assert (target["Protocol"], target["ProtocolVersion"]) == ("grpc", 6)
    assert (target["Pid"], target["Test"]) == (os.getpid(), True)
    with grpc.insecure_channel(f"unix://{target['Addr']['String']}") as channel:
        yield rpc.ProviderStub(channel)


def configured(provider: Any, table: Block) -> None:
    empty = dict.fromkeys(table.attributes)
    answer = provider.ConfigureProvider(pb.ConfigureProvider.Request(config=to_dynamic_value(empty)))
    assert not answer.diagnostics


def created(provider: Any) -> tuple[str | None, list[str]]:
    """The id of a completion that is planned and applied, and the summaries of errors."""
    schema = provider.GetProviderSchema(pb.GetProviderSchema.Request()).resource_schemas[NAME].block
    config: dict[str, Any] = {it.name: None for it in schema.attributes}
    config |= {it.type_name: [] for it in schema.block_types}
    message: dict[str, Any] = {
        it.name: None for b in schema.block_types if b.type_name == "messages" for it in b.block.attributes
    }
    message |= {
        it.type_name: []
        for b in schema.block_types
        if b.type_name == "messages"
        for it in b.block.block_types
    }
    config |= {"model": "gpt-4o", "messages": [{**message, "role": "user", "content": "Hi"}]}
    value = to_dynamic_value(config)
    planned = provider.PlanResourceChange(
        pb.PlanResourceChange.Request(
            type_name=NAME, prior_state=NULL, proposed_new_state=value, config=value
        )
    )
    answer = provider.ApplyResourceChange(
        pb.ApplyResourceChange.Request(
            type_name=NAME, prior_state=NULL, planned_state=planned.planned_state, config=value
        )
    )
    state = read_dynamic_value(answer.new_state)
    return state and state["id"], [
        it.summary for it in answer.diagnostics if it.severity == pb.Diagnostic.ERROR
    ]


@EDITIONS
def test_requests_go_where_the_given_environment_says(
    api: Loopback, short_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, table: Block
) -> None:
    """The environment of the process, with its key, address and proxies, is not used."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-process")
    for name in ("OPENAI_API_URL", "OPENAI_BASE_URL", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://unreachable.invalid:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/missing")
    environ = {"OPENAI_API_KEY": "given", "OPENAI_API_URL": api.url}
    with serve_in_process(short_path, environ) as reattach, connected(reattach, address) as provider:
        configured(provider, table)
        assert created(provider) == ("chatcmpl-1", [])
    assert api.asked[0].headers["authorization"] == "Bearer given"


@EDITIONS
def test_each_configuration_begins_a_new_run(
    api: Loopback, short_path: Path, address: str, table: Block
) -> None:
    """A stop ends the run that is in progress; the next one works, with nothing of the previous one."""
    environ = {"OPENAI_API_KEY": "given", "OPENAI_API_URL": api.url}
    with serve_in_process(short_path, environ) as reattach, connected(reattach, address) as provider:
        for _ in range(2):
            configured(provider, table)
            assert created(provider)[1] == []
            provider.StopProvider(pb.StopProvider.Request())
        assert len(api.bodies) == 2


def test_the_sockets_are_private_and_go(tmp_path: Path, short_path: Path) -> None:
    """They lie in the given folder, and are removed at the end; those of a killed run are replaced."""
    (short_path / "compat.sock").write_text("of a run that was killed")
    with serve_in_process(short_path, {}) as reattach:
        addresses = {address: Path(it["Addr"]["String"]) for address, it in json.loads(reattach).items()}
        assert addresses == {
            **dict.fromkeys(ADDRESSES, short_path / "compat.sock"),
            NATIVE_ADDRESS: short_path / "native.sock",
        }
        assert all(stat.S_ISSOCK(it.stat().st_mode) for it in addresses.values())
    assert list(short_path.iterdir()) == []


def test_a_folder_whose_path_is_too_long(tmp_path: Path) -> None:
    """The sockets are made in a private temporary folder instead, which is removed at the end."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with serve_in_process(folder, {}) as reattach:
        socket = Path(json.loads(reattach)[NATIVE_ADDRESS]["Addr"]["String"])
        assert socket.parent.parent == Path(tempfile.gettempdir())
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        with connected(reattach, NATIVE_ADDRESS) as provider:
            assert provider.GetProviderSchema(pb.GetProviderSchema.Request()).resource_schemas
    assert not socket.parent.exists()


def test_a_temporary_folder_whose_path_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sockets are made in /tmp; where that takes none either, the error says what to set."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with sockets.socket_folder() as found:
        assert found.parent == Path("/tmp")
    monkeypatch.setattr(sockets, "_SHORT", folder)
    with (
        pytest.raises(OSError, match="Cannot create a socket in .*: set TMPDIR to a short path"),
        sockets.socket_folder(),
    ):
        pass
    assert list(folder.iterdir()) == []


def test_folders_of_killed_processes_are_removed(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of processes that run stay, and so do folders of others."""
    monkeypatch.setattr(tempfile, "tempdir", str(short_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f"{gone.pid}-a", f"{os.getpid()}-b", f"{os.getppid()}-c", "other"):
        (short_path / f"openai-constructs-{name}").mkdir()
    with sockets.socket_folder():
        names = {it.name.removeprefix("openai-constructs-").partition("-")[0] for it in short_path.iterdir()}
    assert names == {str(os.getpid()), str(os.getppid()), "other"}


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path a socket fits into, however long that of the test's own folder is."""
    with tempfile.TemporaryDirectory(prefix="oc-") as folder:
        yield Path(folder)
