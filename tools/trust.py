"""Write the trust page from the results of ``make prove``: what was tried, how often, and what has to hold.

    python tools/trust.py build/proofs.xml build/proofs-cdktn.xml docs/trust.md

A test reports what it tried with ``record_property(name, count)``. Names that start with ``seconds`` are
not counted.
"""

from __future__ import annotations

import ast
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent

HEAD = """\
# Trust, measured

`make prove` writes this page from its own results, and only if every test passes.
Last run: {date}, commit `{commit}`, {versions}; {passed:,} passed, 0 failed.

The last column is the test: `PROVE=1 pytest` with it repeats the row, in a clone where `make test` has run
once, with `.venv/bin` on the PATH. A test fails if one answer is lost, requested twice or stored twice, if a
secret appears anywhere, or if anything but the library's own error is raised. `make test` runs the same tests
at a smaller size.

| tried | times | lost | what holds | test |
| --- | ---: | ---: | --- | --- |
"""


def page(files: Iterable[Path]) -> str:
    """Return the page, from one JUnit file per run of pytest."""
    counts: Counter[tuple[str, str, str]] = Counter()
    passed = 0
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):  # noqa: S314 (pytest of this run wrote it)
            if case.find("failure") is not None or case.find("error") is not None:
                raise SystemExit(f"{file}: {case.get('name')} failed, so there is no page")
            passed += case.find("skipped") is None
            path = case.get("classname", "").replace(".", "/") + ".py"
            function = case.get("name", "").partition("[")[0]
            for it in case.iter("property"):
                name, value = it.get("name", ""), it.get("value", "")
                if value.isdecimal() and not name.startswith("seconds"):
                    counts[name, path, function] += int(value)
    rows = [
        f"| {name} | {count:,} | 0 | {_first_line(path, function)} | `{path}::{function}` |\n"
        for (name, path, function), count in sorted(counts.items())
        if count
    ]
    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(), commit=_commit(), versions=_versions(), passed=passed
    )
    return head + "".join(rows)


def _first_line(path: str, function: str) -> str:
    """Return the first line of a test's docstring."""
    tree = ast.parse((ROOT / path).read_text())
    (found,) = (it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef) and it.name == function)
    return (ast.get_docstring(found) or "").partition("\n")[0]


def _commit() -> str:
    return _printed("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD")


def _versions() -> str:
    terraform = _printed("terraform", "version").split()[1].removeprefix("v")
    return f"Python {platform.python_version()}, Terraform {terraform}, cdktf {version('cdktf')}"


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


if __name__ == "__main__":
    *results, target = map(Path, sys.argv[1:])
    target.write_text(page(results))
