"""Images and files in messages, and custom tools: the blocks that they become, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from openai_constructs import CustomTool, File, Image, Message, ToolCall
from openai_constructs.schema import COMPAT, NATIVE
from openai_constructs.values import content_parts
from openai_constructs.values.checks import Checks
from openai_constructs.values.messages import message_arguments
from openai_constructs.values.tools import tool_arguments, tool_call_arguments

PNG = "data:image/png;base64,iVBORw=="


def parts(message: Any, *, native: bool = True) -> tuple[Any, list[str]]:
    checks = Checks()
    (block,) = message_arguments(checks, [message], NATIVE if native else COMPAT)
    return block.get("content_parts"), [f"{it.argument}: {it.allowed}" for it in checks.problems]


def test_urls_and_files(tmp_path: Path) -> None:
    """URLs and ids go as they are; a local file becomes a data URL with its name."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    message = Message.user(
        "Compare.",
        images=["https://x.example/b.jpg", PNG, tmp_path / "a.png", Image(str(tmp_path / "a.png"), "low")],
        files=["file-abc", tmp_path / "a.pdf", File("data:text/plain;base64,eA==", "x.txt")],
    )
    assert parts(message) == (
        [
            {"image_url": "https://x.example/b.jpg"},
            {"image_url": PNG},
            {"image_url": PNG},
            {"image_url": PNG, "detail": "low"},
            {"file_id": "file-abc"},
            {"file_data": "data:application/pdf;base64,JVBERg==", "filename": "a.pdf"},
            {"file_data": "data:text/plain;base64,eA==", "filename": "x.txt"},
        ],
        [],
    )


def test_parts_of_the_sdk() -> None:
    """A content in the SDK's form keeps the order of its parts."""
    content = [
        {"type": "text", "text": "Compare."},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "image_url", "image_url": {"url": PNG, "detail": "high"}},
    ]
    assert parts({"role": "user", "content": content}) == (
        [{"file_id": "file-1"}, {"image_url": PNG, "detail": "high"}],
        [],
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"images": ["nowhere.png"]}, "messages[0].images[0]: a file that can be read; No such file"),
        ({"images": ["a.txt"]}, "messages[0].images[0]: a PNG, JPEG, WebP or GIF file, or a URL"),
        ({"images": [5]}, "messages[0].images[0]: a URL, a data URL or a path"),
        ({"images": "a.png"}, "messages[0].images[0]: a file that can be read; No such file"),
        ({"images": [Image(PNG, 5)]}, "messages[0].images[0].detail: text (str)"),  # type: ignore[arg-type]
        ({"files": ["big.bin"]}, "messages[0].files[0]: at most 1 MB large; it has 1048577 bytes"),
        ({"files": [None]}, "messages[0].files[0]: a URL, a data URL or a path"),
    ],
)
def test_bad_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], problem: str
) -> None:
    """One clear problem each, at construction."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(content_parts, "_MOST_BYTES", 2**20)
    (tmp_path / "big.bin").touch()
    os.truncate(tmp_path / "big.bin", 2**20 + 1)
    (found,) = parts(Message.user("x", **given))[1]
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "image_url", "image_url": {"url": PNG}}, {"type": "text", "text": "x"}],
        [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}],
        [{"type": "text", "text": "x"}, {"type": "input_audio", "input_audio": {"data": ""}}],
        [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": PNG, "size": 1}}],
        [{"type": "text", "text": "x"}, 5],
    ],
)
def test_parts_of_the_sdk_that_cannot_be_sent(content: list[Any]) -> None:
    """Nothing is dropped or reordered in silence."""
    (problem,) = parts({"role": "user", "content": content})[1]
    assert problem.endswith("one text part, then parts of type image_url or file")


def test_the_public_provider_has_no_parts() -> None:
    """It refuses them, with the reason."""
    _, problems = parts(Message.user("x", images=[PNG], files=["file-1"]), native=False)
    assert problems == [
        "messages[0].images: omitted: the public provider has no such argument",
        "messages[0].files: omitted: the public provider has no such argument",
    ]


def test_custom_tools() -> None:
    """Their blocks, from the class and from the SDK's form; a call with an input."""
    checks = Checks()
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "[a-z]+"}}
    blocks, choice = tool_arguments(
        checks,
        [
            CustomTool("sql", "Runs SQL.", "start: /.+/"),
            {"type": "custom", "custom": {"name": "word", "format": grammar}},
        ],
        "word",
    )
    assert blocks == [
        {"name": "sql", "description": "Runs SQL.", "type": "custom", "grammar": "start: /.+/"},
        {"name": "word", "type": "custom", "grammar": "[a-z]+", "syntax": "regex"},
    ]
    assert choice == "word"
    call = {"id": "2", "type": "custom", "custom": {"name": "word", "input": "a"}}
    assert tool_call_arguments(checks, "calls", [ToolCall("1", "sql", "SELECT 1", "custom"), call]) == [
        {"id": "1", "function": [{"name": "sql", "arguments": "SELECT 1"}], "type": "custom"},
        {"id": "2", "function": [{"name": "word", "arguments": "a"}], "type": "custom"},
    ]
    assert checks.problems == []


@pytest.mark.parametrize(
    ("tool", "argument"),
    [
        (CustomTool("a b"), "tools[0].name"),
        (CustomTool("a", grammar="x", syntax="bnf"), "tools[0].syntax"),  # type: ignore[arg-type]
        (CustomTool("a", syntax="lark"), "tools[0].syntax"),
        ({"type": "custom", "custom": {"name": "a", "strict": True}}, "tools[0]"),
    ],
)
def test_bad_custom_tools(tool: Any, argument: str) -> None:
    """Each is one problem."""
    checks = Checks()
    tool_arguments(checks, [tool], None)
    assert [it.argument for it in checks.problems] == [argument]
