"""Start a project: ``openai-constructs new DIR`` copies the folder ``project``."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from openai_constructs.errors import ProjectError

__all__ = ["create"]

_TEMPLATES: Final = Path(__file__).parent / "project"
_HIDDEN: Final = ("github", "gitignore")  # build tools skip these under their real names


def create(folder: Path, engine: str) -> list[Path]:
    """Write a project to a folder, completely or not at all.

    Args:
        folder: The folder, which must be empty or not exist.
        engine: The CDK engine that the program imports, ``cdktf`` or ``cdktn``.

    Returns:
        The files, relative to the folder.

    Raises:
        ProjectError: If the folder is not empty, or cannot be written.
    """
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "chats"
    try:
        _refuse_what_is_there(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = folder if folder.exists() else folder.parent
        with tempfile.TemporaryDirectory(prefix=".new-", dir=beside) as temporary:
            made = Path(temporary) / "project"
            files = [_write(source, made, name, engine) for source in _sources()]
            _move(made, folder)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from error
    return sorted(files)


def _refuse_what_is_there(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ProjectError(f"{folder} is not a folder. Name an empty folder, or a new one.")
    if folder.exists() and (found := next(folder.iterdir(), None)):
        raise ProjectError(
            f"{folder} is not empty: it contains {found.name}. Name an empty folder, or a new one."
        )


def _move(made: Path, folder: Path) -> None:
    """Move the project in place: at once, or file by file if the folder exists and may be in use."""
    if not folder.exists():
        made.replace(folder)
        return
    names = [it.name for it in made.iterdir()]
    try:
        for name in names:
            (made / name).rename(folder / name)
    except OSError:
        for moved in (folder / name for name in names if (folder / name).exists()):
            shutil.rmtree(moved) if moved.is_dir() else moved.unlink()
        raise


def _sources() -> list[Path]:
    return [it for it in _TEMPLATES.rglob("*") if it.is_file() and "__pycache__" not in it.parts]


def _write(source: Path, made: Path, name: str, engine: str) -> Path:
    first, *rest = source.relative_to(_TEMPLATES).parts
    file = Path(f".{first}" if first in _HIDDEN else first, *rest)
    (made / file).parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8").replace("PROJECT", name)
    if engine != "cdktf":
        text = text.replace("from cdktf import", f"from {engine} import")
        text = text.replace('"openai-constructs"', f'"openai-constructs[{engine}]"').replace(
            "[test]", f"[{engine},test]"
        )
        text = text.replace("cdktf-cli", f"{engine}-cli").replace("cdktf deploy", f"{engine} deploy")
    (made / file).write_text(text, encoding="utf-8")
    return file
