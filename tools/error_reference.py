"""Writes the error reference of the documentation: every message as the code has it.

    python tools/error_reference.py build/errors

What is raised is read from the source, so that nothing is left out: each ``raise`` of an error of ours, each
argument that is refused, each warning, each answer of the API that the emulator knows. Parts of a message
that only a run knows stand in angle brackets.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from openai_constructs import errors
from openai_constructs.emulator.errors import of_status
from openai_constructs.provider.native.diagnostics import TABLE

PACKAGE = Path(errors.__file__).parent
FAMILY = {
    name: it
    for name in errors.__all__
    if isinstance(it := getattr(errors, name), type) and issubclass(it, Exception)
}


def main() -> None:
    """Write a file for each part of the page."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for part in (causes, api, refused, warnings, raised):
        (out / f"{part.__name__}.md").write_text("\n".join(part()) + "\n", encoding="utf-8")


def causes() -> Iterator[str]:
    """What the API answers, why, and what to do: the table of the native provider's diagnostics."""
    for row in TABLE:
        yield f"- **{row.summary}** ({row.answers}). {row.cause} {row.fix}"


def raised() -> Iterator[str]:
    """The classes, and what each says."""
    for name, kind in FAMILY.items():
        bases = ", ".join(f"`{it.__name__}`" for it in kind.__bases__)
        yield f"### {name}\n\n{paragraph(inspect.getdoc(kind))} Subclass of {bases}.\n"
        if kind is not errors.InvalidInputError:
            messages = dict.fromkeys(said(call.args[0], call) for call in calls(name))
            yield from (f"- {code(it)}" for it in messages if says_something(it))
        yield ""


def refused() -> Iterator[str]:
    """What is refused at construction: the problems of an ``InvalidInputError``."""
    yield "| argument | must be | what to do |\n| --- | --- | --- |"
    found = [it for it in [*calls("refuse"), *calls("Problem")] if len(it.args) == 4]
    rows = {tuple(said(part, call) for part in (call.args[0], *call.args[2:])) for call in found}
    for argument, allowed, fix in sorted(rows):
        if says_something(allowed):
            shown = "any" if argument.startswith("<") and argument.endswith(">") else code(argument)
            yield f"| {shown} | {code(allowed)} | {code(fix)} |"


def warnings() -> Iterator[str]:
    """What is told at synthesis."""
    found: list[ast.AST] = [call.args[0] for call in calls("add_warning", PACKAGE / "cdk")]
    tree = parsed(PACKAGE / "cdk" / "annotations.py")
    found += [it.value for it in ast.walk(tree) if isinstance(it, ast.Yield) and it.value is not None]
    yield from (f"- {code(it)}" for it in dict.fromkeys(said(it, it) for it in found) if says_something(it))


def api() -> Iterator[str]:
    """What the API answers, as the emulator does."""
    yield "| status | code | message |\n| --- | --- | --- |"
    rows = set()
    for call in calls("ApiError", PACKAGE / "emulator"):
        status, message = (said(it, call) for it in call.args[:2])
        named = {it.arg: said(it.value, call) for it in call.keywords}
        if status.isdigit():
            rows.add((status, named.get("code", ""), message))
    for status in (401, 403, 429, 500, 503):
        error = of_status(status)
        rows.add((str(status), error.code or "", error.message))
    for status, name, message in sorted(rows):
        yield f"| {status} | {code(name) if says_something(name) else ''} | {code(message)} |"


def calls(name: str, folder: Path = PACKAGE) -> Iterator[ast.Call]:
    """Every call of a function or class, by the name it is called with."""
    for file in sorted(folder.rglob("*.py")):
        for it in ast.walk(parsed(file)):
            if (
                isinstance(it, ast.Call)
                and it.args
                and name in (getattr(it.func, "id", ""), getattr(it.func, "attr", ""))
            ):
                yield it


@cache
def parsed(file: Path) -> ast.AST:
    """A file's syntax tree; each node knows the one it is in, and the top its name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)  # type: ignore[attr-defined]
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            child.parent = parent  # type: ignore[attr-defined]
    return tree


def said(value: ast.AST, where: ast.AST) -> str:
    """A text as the source has it, parts that are computed in angle brackets."""
    match value:
        case ast.Constant(value=text):
            return str(text)
        case ast.JoinedStr(values=parts):
            return "".join(said(part, where) for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name)) if (
            constant := constant_of(name, where)
        ) is not None:
            return constant
        case ast.FormattedValue(value=inner):
            return f"<{label(inner)}>"
        case ast.IfExp(body=body, orelse=other) if says_something(said(body, where)):
            return " or ".join(filter(None, (said(body, where), said(other, where))))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return said(left, where) + said(right, where)
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value="\n"), attr="join"), args=[ast.List(elts=[first, *_])]
        ):
            return said(first, where)
        case ast.Name(id=name) if (constant := constant_of(name, where)) is not None:
            return constant
        case ast.Name(id=name) if (assigned := assignment(name, where)) is not None:
            return said(assigned, where)
        case _:
            return f"<{label(value)}>"


def says_something(text: str) -> bool:
    """Whether there is more in a text than what only a run knows."""
    return re.search(r"\w", re.sub(r"<[^<>]*>", "", text)) is not None


def constant_of(name: str, where: ast.AST) -> str | None:
    """The text of a constant of the file, imported ones too."""
    if not name.strip("_").isupper():
        return None
    top = where
    while not isinstance(top, ast.Module):
        top = top.parent  # type: ignore[attr-defined]
    # An import inside a function is in no module's namespace.
    imports = [it for it in ast.walk(top) if isinstance(it, ast.ImportFrom) and it.module]
    origins = [it.module or "" for it in imports if name in [alias.name for alias in it.names]]
    value = getattr(import_module(origins[0] if origins else top.name), name)  # type: ignore[attr-defined]
    return value if isinstance(value, str) else ", ".join(value) if isinstance(value, tuple) else None


def label(value: ast.AST) -> str:
    """A word for what an expression stands for."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").replace("_", " ").lower()
        case ast.Call(args=[first, *_]):
            return label(first)
        case ast.Call(func=function) | ast.Subscript(value=function):
            return label(function)
        case _:
            return "value"


def assignment(name: str, where: ast.AST) -> ast.AST | None:
    """What a name was last given before, in the same function or at the top of the file."""
    scope: Any = where
    while (scope := getattr(scope, "parent", None)) is not None:
        if isinstance(scope, ast.FunctionDef | ast.Module):
            found = [
                it
                for it in ast.walk(scope)
                if isinstance(it, ast.Assign | ast.AnnAssign)
                and it.value is not None
                and name in [getattr(target, "id", "") for target in targets(it)]
                and it.lineno <= getattr(where, "lineno", 0)
            ]
            if found:
                return found[-1].value
    return None


def targets(value: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """What an assignment gives a value to."""
    return value.targets if isinstance(value, ast.Assign) else [value.target]


def paragraph(docstring: str | None) -> str:
    """The first paragraph of a docstring, as Markdown."""
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("``", "`")


def code(text: str) -> str:
    """A text as code in Markdown, in a table too."""
    text = " ".join(text.split()).replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


if __name__ == "__main__":
    main()
