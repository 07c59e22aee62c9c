"""What an editor shows for a name of ours, as pyright's language server has it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT

PROGRAM = """\
from cdktf import App, TerraformStack

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    DataOpenaiChatCompletion,
    DataOpenaiChatCompletionMessages,
    DataOpenaiChatCompletions,
    FunctionCallingChat,
    MultiTurnChat,
    OpenaiProvider,
    PromptMatrix,
    StoredCompletion,
)

stack = TerraformStack(App(), "stack")
OpenaiProvider(stack, "openai", timeout=300, native=True)
chat = BasicChat(stack, "a", model="m", prompt="p", temperature=1, seed=1, metadata={}, source="./module")
MultiTurnChat(stack, "b", model="m", messages=[])
FunctionCallingChat(stack, "c", model="m", functions=[])
fleet = ChatFleet(stack, "d", model="m", chats={})
PromptMatrix(stack, "e", prompts={}, models=[])
stored = StoredCompletion(stack, "f", model="m", on_change="keep")
lookup = CompletionLookup(stack, "g", completion=stored)
ChatCompletion(stack, "h", model="m", messages=[])
DataOpenaiChatCompletion(stack, "i", completion_id="c")
DataOpenaiChatCompletionMessages(stack, "j", completion_id="c", limit=1)
DataOpenaiChatCompletions(stack, "k", limit=1)
chat.content
chat.usage.total_tokens
chat.choices[0].message[0].role
fleet["x"].finish_reason
fleet.contents
stored.function_name
stored.model_used
lookup.source
lookup.data_messages
"""


class LanguageServer:
    """Pyright's language server on one program."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "program.py"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pyright.langserver", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._last = 0
        uri = folder.as_uri()
        self._ask(
            "initialize",
            processId=None,
            rootUri=uri,
            capabilities={"textDocument": {"hover": {"contentFormat": ["plaintext"]}}},
            workspaceFolders=[{"uri": uri, "name": "program"}],
        )
        self._send("initialized")
        document = {"uri": self._file.as_uri(), "languageId": "python", "version": 1, "text": PROGRAM}
        self._send("textDocument/didOpen", textDocument=document)

    def hover(self, before: str, name: str) -> str:
        """The text at a name, which in the program follows some other text."""
        found = self._ask_at("textDocument/hover", before, name)
        return str(found["contents"]["value"]) if found else ""

    def signature(self, argument: str) -> str:
        """The signature of the call that has an argument."""
        found = self._ask_at("textDocument/signatureHelp", "", argument)
        return str(found["signatures"][0]["label"])

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def _ask_at(self, method: str, before: str, name: str) -> Any:
        line, text = next((n, it) for n, it in enumerate(PROGRAM.split("\n")) if before + name in it)
        position = {"line": line, "character": text.index(before + name) + len(before)}
        return self._ask(method, textDocument={"uri": self._file.as_uri()}, position=position)

    def _ask(self, method: str, **params: Any) -> Any:
        self._last += 1
        self._send(method, self._last, **params)
        while True:
            message = self._read()
            if "method" in message and "id" in message:  # a question of the server
                items = message.get("params", {}).get("items", [])
                self._write({"jsonrpc": "2.0", "id": message["id"], "result": [None for _ in items]})
            elif message.get("id") == self._last:
                return message["result"]

    def _send(self, method: str, id_: int | None = None, **params: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params} | ({"id": id_} if id_ else {}))

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        body = json.dumps(message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> Any:
        assert self._process.stdout
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name == b"Content-Length" else length
        return json.loads(self._process.stdout.read(length))


CONSTRUCTS = re.findall(r"^    (\w+),$", PROGRAM, re.MULTILINE)

KEYWORDS = {
    "model": "Id of the model",
    "timeout": "Timeout of a request in seconds",
    "temperature": "Sampling temperature, 0 to 2.",
    "seed": "Seed for sampling",
    "metadata": "16 pairs",
    "source": "A module to use instead of the packaged one",
    "on_change": "requests a new answer if the request changes",
    "limit": "1 to 100",
}

RESULTS = {
    "chat.content": "Text of the first answer",
    "chat.usage.total_tokens": "Tokens of the request and the answers",
    "chat.choices[0].message[0].role": "``assistant``",
    'fleet["x"].finish_reason': "Why the first answer ended",
    "fleet.contents": "a map by key",
    "stored.function_name": "Name of the function or tool",
    "stored.model_used": "The model that answered",
    "lookup.source": "``store``, ``archive``, ``state``",
    "lookup.data_messages": "The data source of the messages",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("editor")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    paths = [str(ROOT / "src"), *(it for it in sys.path if "site-packages" in it)]
    settings = {"extraPaths": paths, "typeCheckingMode": "off"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    running = LanguageServer(folder)
    yield running
    running.close()


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct(server: LanguageServer, construct: str) -> None:
    """Hover on a constructor shows its arguments in our words, and none of the engine's."""
    shown = server.hover("", f"{construct}(")
    assert "scope: The stack" in shown
    assert "InvalidInputError" in shown
    assert ":param" not in shown
    assert ":stability:" not in shown


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword(server: LanguageServer, keyword: str) -> None:
    """Hover on a keyword shows what it means, with its unit and limits."""
    assert KEYWORDS[keyword] in " ".join(server.hover(" ", f"{keyword}=").split())


@pytest.mark.parametrize("result", RESULTS)
def test_a_result(server: LanguageServer, result: str) -> None:
    """Hover on a result shows what it is."""
    before, _, name = result.rpartition(".")
    assert RESULTS[result] in server.hover(f"{before}.", name)


def test_common_parameters_come_first(server: LanguageServer) -> None:
    """Signature help lists common parameters, then those of storing and calling, then native ones."""
    shown = server.signature("prompt=")
    order = [
        shown.index(f"{it}: ") for it in ("prompt", "temperature", "metadata", "source", "tools", "seed")
    ]
    assert order == sorted(order)
