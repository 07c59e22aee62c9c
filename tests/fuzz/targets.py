"""Coverage-guided fuzzing of what strangers send: ``python tests/fuzz/targets.py TARGET -runs=N``.

A target gets bytes, and fails with any exception that is not the one for invalid input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["openai_constructs"]):
    from tf.gen import tfplugin_pb2 as pb
    from tf.utils import to_dynamic_value

    from openai_constructs.emulator.app import Application
    from openai_constructs.emulator.faults import Faults, parse_faults
    from openai_constructs.emulator.replies import Replies
    from openai_constructs.emulator.replies_file import read_replies
    from openai_constructs.emulator.store import Store
    from openai_constructs.errors import EmulatorError
    from openai_constructs.provider.core.protocol import Servicer
    from openai_constructs.provider.native.client import Api, Settings
    from openai_constructs.provider.native.provider import NativeProvider
    from openai_constructs.provider.native.session import Session
    from openai_constructs.schema import NATIVE

FOLDER = Path(tempfile.mkdtemp())
SEEDS: dict[str, list[bytes]] = {"replies": [], "bodies": [], "messages": []}
SEEDS["replies"].append(
    b"""
seed: 7
replies:
  - match: {model: gpt-4o, message: '(Rome|Oslo)', metadata: {a: b}}
    answer: Sunny.
    delay: 0.2
    times: 2
    rate: 0.5
  - error: {status: 429, retry_after: 1, message: x}
  - drop: after
  - answer: {tool_calls: [{name: f, arguments: {a: 1}}]}
"""
)
FUNCTION = {
    "name": "f",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "pattern": "a+"}},
        "required": ["a"],
        "additionalProperties": False,
    },
}
RECURSIVE = {
    "$ref": "#/$defs/b",
    "$defs": {
        "b": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/$defs/b"}, "minItems": 1}]}
    },
}
for more in (
    {"store": True, "metadata": {"a": "b"}, "n": 2},
    {"tools": [{"type": "function", "function": FUNCTION}], "tool_choice": "required", "stream": True},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": RECURSIVE}}},
):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "json"}], **more}
    SEEDS["bodies"].append(json.dumps(body).encode())


def replies(data: bytes) -> None:
    """A file of replies, and the short form of faults."""
    file = FOLDER / "replies.yaml"
    file.write_bytes(data)
    for read in (lambda: read_replies(file), lambda: parse_faults(data.decode("utf-8", "replace"))):
        with suppress(EmulatorError):
            read()


STORE = Store(None)
APPLICATION = Application(STORE, Replies(), Faults(), any_host=True)
LOOP = asyncio.new_event_loop()


def bodies(data: bytes) -> None:
    """The body of a request to create a completion."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"authorization", b"Bearer k")],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    LOOP.run_until_complete(APPLICATION(scope, receive, send))
    assert sent[0]["status"] in (200, 400, 404, 413), (sent[0]["status"], data)
    LOOP.run_until_complete(APPLICATION.reset())


def servicer() -> Servicer:
    provider = NativeProvider()
    provider.session = Session(Api(Settings(api_key="k", base_url="http://127.0.0.1:9/v1")))
    return Servicer(provider)


SERVICER = servicer()
NAME = "openai_chat_completion"


def configuration() -> bytes:
    table = NATIVE.chat_completion
    message = dict.fromkeys(table.blocks["messages"].attributes) | {"role": "user", "content": "hi"}
    nothing = {**dict.fromkeys(table.attributes), **{name: [] for name in table.blocks}}
    value = {**nothing, "model": "m", "messages": [{**message, "function_call": [], "tool_calls": []}]}
    return bytes(to_dynamic_value(value).msgpack)


SEEDS["messages"].append(configuration())


def messages(data: bytes) -> None:
    """A configuration and a saved state in the plugin protocol; the calls always return."""
    value = pb.DynamicValue(msgpack=data)
    null = pb.DynamicValue(msgpack=b"\xc0")
    SERVICER.ValidateResourceConfig(pb.ValidateResourceConfig.Request(type_name=NAME, config=value), None)
    SERVICER.PlanResourceChange(
        pb.PlanResourceChange.Request(
            type_name=NAME, prior_state=null, proposed_new_state=value, config=value
        ),
        None,
    )
    raw = pb.RawState(json=data)
    SERVICER.UpgradeResourceState(
        pb.UpgradeResourceState.Request(type_name=NAME, version=0, raw_state=raw), None
    )


TARGETS: dict[str, Callable[[bytes], None]] = {"replies": replies, "bodies": bodies, "messages": messages}


def main() -> None:
    name, *options = sys.argv[1:]
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
