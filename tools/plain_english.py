"""Finds phrases that readers stumble over in the documentation and in strings that users see.

    python -m tools.plain_english

The list is short: each phrase is wrong wherever it occurs, so the check has no false alarms. It skips code in
the documentation, and docstrings and comments in the source.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["PHRASES", "in_markdown", "in_python", "main"]

PHRASES: Final = {
    r"anew": "again",
    r"go(es)? before (the|what|all)": "override, take precedence over",
    r"stands? for": "is, stands in for",
    r"tells? of": "report, warn about",
    r"warn(s|ed)? of": "warn about",
    r"(is|are|was|were) told(?! (to|not to))": "is reported, is documented",
    r"(stands?|stood) in (the JSON|angle)": "be in, end up in",
    r"takes? away": "remove",
    r"left out": "omitted, not set, by default",
    r"(and )?its sisters": "name them",
    r"in silence": "silently",
    r"hears? of": "receive",
}
"""Regular expressions of phrases, and what to write instead. A space matches any white space."""

_ROOT: Final = Path(__file__).parent.parent
_PAGES: Final = ("*.md", "docs/**/*.md", "examples/*/README.md", "src/openai_constructs/starter/**/*.md")
_CODE: Final = re.compile(
    r"^( *)(```|~~~).*?^\1\2|<!--.*?-->|`[^`\n]+`|\]\([^)]*\)", re.MULTILINE | re.DOTALL
)


def main() -> None:
    """Exit with the list of phrases and their places, or successfully if there are none."""
    found = [
        f"{file.relative_to(_ROOT)}:{line}: {problem}"
        for files, check in (
            ((it for pattern in _PAGES for it in _ROOT.glob(pattern)), in_markdown),
            ((_ROOT / "src").rglob("*.py"), in_python),
        )
        for file in sorted(files)
        for line, problem in check(file.read_text(encoding="utf-8"))
    ]
    sys.exit("\n".join(found) or None)


def in_markdown(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and problem of each phrase in the prose of a page; code, comments and links are skipped."""
    prose = _CODE.sub(lambda code: re.sub(r"[^\n]", "`", code[0]), text)
    yield from _problems(prose)


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and problem of each phrase in the strings of a module, without its docstrings."""
    tree = ast.parse(source)
    docstrings = {id(it.value) for it in ast.walk(tree) if isinstance(it, ast.Expr)}
    for it in ast.walk(tree):
        if isinstance(it, ast.Constant) and isinstance(it.value, str) and id(it) not in docstrings:
            yield from ((it.lineno, problem) for _, problem in _problems(it.value))


def _problems(text: str) -> Iterator[tuple[int, str]]:
    for pattern, instead in PHRASES.items():
        for phrase in re.finditer(rf"(?<!\w){pattern}(?!\w)".replace(" ", r"\s+"), text, re.IGNORECASE):
            line = text.count("\n", 0, phrase.start()) + 1
            yield line, f'"{" ".join(phrase[0].split())}": write "{instead}"'


if __name__ == "__main__":
    main()
