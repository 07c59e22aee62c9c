"""Runs the code blocks of a page, top to bottom, in a folder of its own.

| block | what is done with it |
| --- | --- |
| with ``title="..."`` | written to that file; ``json`` of ``cdktf.out/`` is compared with that file |
| ``python`` | executed; the blocks of a page share their names |
| ``console`` | run by bash, where the block before left it |
| ``text`` | compared with what the block before printed; ``...`` stands for whatever else |
| ``json``, ``hcl`` | its Terraform blocks are compared with those of ``stack``; ``"..."`` leaves keys out |
| ``diff``, ``mermaid`` | read by people only |

``<!-- skip: next "reason" -->`` before a block leaves it out. An invisible block
(``<!--- invisible-code: python`` or ``console``) prepares or checks what a reader need not see.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sybil import Document, Example
from sybil.parsers.markdown import SkipParser
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer
from tests.engine import migrated
from tests.hcl import addresses, read
from tests.support import ROOT

from openai_constructs.testing import Template

__all__ = ["Page"]

_INFO = re.compile(r'(?P<language>\w*)(?:[ \t]+title="(?P<title>[^"]+)")?[^\n]*\n')
_FOR_READERS = ("diff", "mermaid")
_MODULE = re.compile(
    r"\./assets/openai_constructs/([0-9a-f]{32}|HASH)/chat_completion|\.[./]*/modules/chat_completion"
)
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass
class Page:
    """A page, and what its blocks have done so far.

    Attributes:
        source: The Markdown file.
        folder: The folder that its blocks run in.
        run: How many blocks were run or compared.
        skipped: Why the others were not.
    """

    source: Path
    folder: Path
    run: int = 0
    skipped: list[str] = field(default_factory=list)
    printed: str = ""

    def __post_init__(self) -> None:
        self.document = Document.parse(str(self.source), self._blocks, SkipParser())
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.place = self.folder

    def _blocks(self, document: Document) -> Any:
        hidden = DirectiveInHTMLCommentLexer(
            "invisible-code", mapping={"arguments": "language", "source": "source"}
        )
        for lexer in (RawFencedCodeBlockLexer(_INFO), hidden):
            for region in lexer(document):
                if region.lexemes["language"] not in _FOR_READERS:
                    region.parsed, region.evaluator = region.lexemes["source"], self._evaluate
                    yield region

    def _evaluate(self, example: Example) -> None:
        source, title = str(example.parsed), example.region.lexemes.get("title")
        match example.region.lexemes["language"]:
            case "json" if title and "cdktf.out/" in title:
                self._compare(
                    json.loads(source), json.loads((self.folder / title).read_text(encoding="utf-8"))
                )
            case "yaml":
                self._write(title, source)
                yaml.safe_load(source)
            case _ if title:
                self._write(title, source)
            case "python":
                self._execute(example.line, source)
            case "console":
                self._shell(source)
            case "text":
                self._output(source)
            case "json":
                self._compare(
                    json.loads(source), Template.from_stack(self._stack, skip_validation=True).to_json()
                )
            case "hcl":
                made = Template.from_stack(self._stack, skip_validation=True).to_json()
                self._compare_blocks(read(source), addresses(made))
            case other:
                raise AssertionError(
                    f"a block of {other or 'no language'} needs a title, or a reason to be skipped"
                )
        self.run += "title" in example.region.lexemes  # invisible blocks have none, and are not counted

    def _write(self, title: str, source: str) -> None:
        file = self.folder / title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(migrated(source), encoding="utf-8")

    @property
    def _stack(self) -> Any:
        return self.names["stack"]

    def _execute(self, line: int, source: str) -> None:
        # Line numbers of a traceback are those of the page.
        code = compile("\n" * line + migrated(source), self.source, "exec")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(code, self.names)
        self.printed = said.getvalue()

    def _shell(self, source: str) -> None:
        paths = [str(Path(sys.executable).parent), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]]
        kept = {name: it for name, it in os.environ.items() if not name.startswith(("TF_", "OPENAI_"))}
        cache = os.environ.get(
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT", Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
        )
        environment = {
            **kept,
            "CHECKPOINT_DISABLE": "1",
            "HOME": str(self.folder / "home"),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache),
            "PATH": os.pathsep.join(paths),
        }
        # A reader's shell stays where `cd` has brought it.
        left_at = self.folder / ".place"
        command = ["bash", "-euo", "pipefail", "-c", f"trap 'pwd > {left_at}' EXIT\n{source}"]
        with subprocess.Popen(
            command,
            cwd=self.place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            said, _ = process.communicate()
            self.printed = _COLOR.sub("", said)
            with contextlib.suppress(ProcessLookupError):  # what it left in the background
                os.killpg(process.pid, signal.SIGTERM)
        assert process.returncode == 0, f"{source}\n{self.printed}"
        self.place = Path(left_at.read_text(encoding="utf-8").strip())

    def _output(self, wanted: str) -> None:
        checker, example = doctest.OutputChecker(), doctest.Example("", wanted)
        if not checker.check_output(example.want, self.printed, _LIKE):
            raise AssertionError(checker.output_difference(example, self.printed, _LIKE))

    def _compare(self, shown: dict[str, Any], made: dict[str, Any]) -> None:
        made.pop("//", None)
        self._compare_blocks(addresses(shown), addresses(made))

    def _compare_blocks(self, shown: dict[str, Any], made: dict[str, Any]) -> None:
        for address, wanted in shown.items():
            assert address in made, f"there is no {address}; there are {', '.join(made)}"
            assert _left_out(_comparable(wanted), _comparable(made[address])) == _comparable(wanted), address


def _left_out(shown: Any, made: Any) -> Any:
    """What was made, where the page says ``"..."`` without what the page leaves out."""
    match shown, made:
        case dict(), dict() if "..." in shown:
            kept = {name: it for name, it in made.items() if name in shown}
            return {"...": shown["..."], **{name: _left_out(shown[name], it) for name, it in kept.items()}}
        case dict(), dict():
            return {name: _left_out(shown.get(name), it) for name, it in made.items()}
        case _:
            return made


def _comparable(block: Any) -> Any:
    """A block without comments, the place of the module, and the list that parsers make of a nested block."""
    match block:
        case [dict() as only]:
            return _comparable(only)
        case dict():
            return {name: _comparable(it) for name, it in block.items() if name != "//"}
        case list():
            return [_comparable(it) for it in block]
        case str() if block.startswith("{"):
            return json.loads(block)
        case str() if _MODULE.fullmatch(block):
            return "chat_completion"
        case str() if block.startswith("${") and block.endswith("}"):
            return block[2:-1]  # JSON writes references in meta-arguments without braces
        case _:
            return block
