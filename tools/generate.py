"""Writes every file that is made from the table, or checks that they are current.

python -m tools.generate
python -m tools.generate --check
"""

from __future__ import annotations

import sys
from pathlib import Path

from openai_constructs.schema import COMPAT, NATIVE
from tools.contradictions import contradictions
from tools.documentation import with_tables
from tools.hcl_module import module_files

__all__ = ["generated", "main", "stale"]

ROOT = Path(__file__).parent.parent
_PACKAGE = ROOT / "src" / "openai_constructs"


def generated() -> dict[Path, str]:
    """The text of each file that is made from the table."""
    files = {
        folder / "chat_completion" / name: text
        for edition, folder in ((COMPAT, _PACKAGE / "terraform"), (NATIVE, _PACKAGE / "terraform_native"))
        for name, text in module_files(edition).items()
    }
    return files | {page: with_tables(page) for page in sorted((ROOT / "docs").rglob("*.md"))}


def stale(files: dict[Path, str]) -> list[Path]:
    """The files whose text is another one now."""
    return [it for it, text in files.items() if not it.is_file() or it.read_text(encoding="utf-8") != text]


def main(*arguments: str) -> str | None:
    """Write the files; with ``--check``, only compare them. The error, if there is one."""
    if wrong := contradictions(COMPAT, NATIVE):
        return "The table in src/openai_constructs/schema.py contradicts itself:\n" + "\n".join(wrong)
    files = generated()
    changed = stale(files)
    if "--check" in arguments and changed:
        names = ", ".join(str(it.relative_to(ROOT)) for it in changed)
        return f"Not current with the table in src/openai_constructs/schema.py: {names}. Run `make generate`."
    for it in changed:
        it.write_text(files[it], encoding="utf-8", newline="\n")
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
