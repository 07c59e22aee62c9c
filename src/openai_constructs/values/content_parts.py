"""Images and files in messages, which only the native provider supports."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openai_constructs.schema import NATIVE
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import has_token

__all__ = ["File", "FileLike", "Image", "ImageLike", "named_parts", "part_arguments", "sdk_part"]

_PART: Final = NATIVE.chat_completion.blocks["messages"].blocks["content_parts"].attributes
_IMAGES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif")
_MOST_BYTES: Final = 50 * 2**20
"""Size limit of a request's images and of each file. Source: OpenAI's guides to images and to file inputs."""

_URLS: Final = ("http://", "https://", "data:")


@dataclass(frozen=True, slots=True)
class Image:
    """An image in a message.

    Attributes:
        source: ``http(s)`` URL, data URL, token, or path of a local PNG, JPEG, WebP or GIF file of at most
            50 MB, which is read at synthesis and becomes part of the JSON and of the state.
        detail: ``auto``, ``low``, ``high`` or ``original``.

    Source: API reference, create chat completion, image content part.
    """

    source: str | Path
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file in a message.

    Attributes:
        source: Id of an uploaded file (``file-...``), data URL, token with one of these, or path of a local
            file of at most 50 MB, which is read at synthesis and becomes part of the JSON and of the state.
        filename: Name of the file for the model; default for a local file is its own name.

    Source: API reference, create chat completion, file content part.
    """

    source: str | Path
    filename: str | None = None


ImageLike = Image | str | Path
"""An ``Image``, or its source."""

FileLike = File | str | Path
"""A ``File``, or its source."""


def named_parts(argument: str, images: Any, files: Any) -> list[tuple[str, Image | File]]:
    """Return the images and files of a message, each with the name that errors use for it."""
    named: list[tuple[str, Image | File]] = []
    for name, kind, given in (("images", Image, images), ("files", File, files)):
        for index, it in enumerate(given if isinstance(given, list | tuple) else [given]):
            named.append((f"{argument}.{name}[{index}]", it if isinstance(it, kind) else kind(it)))
    return named


def sdk_part(part: Mapping[str, Any]) -> Image | File | None:
    """Return an image or file that is given as a content part of the OpenAI SDK; ``None`` for other parts."""
    kind = part.get("type")
    if not isinstance(kind, str) or part.keys() != {"type", kind}:
        return None
    inner = part[kind]
    if not isinstance(inner, Mapping):
        return None
    if kind == "image_url" and "url" in inner and inner.keys() <= {"url", "detail"}:
        return Image(inner["url"], inner.get("detail"))
    sources = inner.keys() - {"filename"}
    if kind == "file" and (sources == {"file_id"} or sources == {"file_data"}):
        return File(inner[sources.pop()], inner.get("filename"))
    return None


def part_arguments(checks: Checks, parts: Iterable[tuple[str, Image | File]]) -> list[dict[str, object]]:
    """Return the blocks ``content_parts`` of a message, and report every problem of them."""
    return [
        _image(checks, argument, part) if isinstance(part, Image) else _file(checks, argument, part)
        for argument, part in parts
    ]


def _image(checks: Checks, argument: str, image: Image) -> dict[str, object]:
    block = {"image_url": _url(checks, argument, image.source, _IMAGES), "detail": image.detail}
    return _checked(checks, argument, block)


def _file(checks: Checks, argument: str, file: File) -> dict[str, object]:
    source = file.source
    if isinstance(source, str) and source.startswith("file-"):
        return _checked(checks, argument, {"file_id": source, "filename": file.filename})
    name = file.filename
    if name is None and _is_path(source):
        name = Path(source).name
    return _checked(checks, argument, {"file_data": _url(checks, argument, source, ()), "filename": name})


def _checked(checks: Checks, argument: str, block: dict[str, str | None]) -> dict[str, object]:
    for name, value in block.items():
        checks.attribute(f"{argument}.{name}", value, _PART[name])
    return {name: value for name, value in block.items() if value is not None}


def _is_path(source: object) -> bool:
    return isinstance(source, Path) or (
        isinstance(source, str) and not source.startswith(_URLS) and not has_token(source)
    )


def _url(checks: Checks, argument: str, source: object, types: Sequence[str]) -> str | None:
    """Return a URL as it is, and a local file as a data URL."""
    if not isinstance(source, str | Path):
        checks.refuse(argument, source, "a URL, a data URL or a path", "Use one of them.")
        return None
    if not _is_path(source):
        return str(source)
    file = Path(source)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if types and kind not in types:
        checks.refuse(argument, str(source), "a PNG, JPEG, WebP or GIF file, or a URL", "Convert it.")
        return None
    try:
        size = file.stat().st_size
        if size > _MOST_BYTES:
            allowed = f"at most {_MOST_BYTES // 2**20} MB large; it has {size} bytes"
            checks.refuse(argument, str(source), allowed, "Shrink it, or use its URL.")
            return None
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        checks.refuse(argument, str(source), f"a file that can be read; {reason}", "Correct the path.")
        return None
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
