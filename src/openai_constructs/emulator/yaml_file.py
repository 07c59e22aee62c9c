"""Read YAML files with the line of every value, for error messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from openai_constructs.errors import EmulatorError

__all__ = ["YamlFile", "read_yaml"]

_Place = tuple[str | int, ...]
_MAX_BYTES: Final = 4 << 20
_MAX_DEPTH: Final = 50
_MAX_VALUES: Final = 100_000


@dataclass(frozen=True, slots=True)
class YamlFile:
    """Content of a YAML file.

    Attributes:
        path: Path of the file.
        value: Content of the file.
        lines: Line number of each value, from 1, by its path of keys and indexes.
    """

    path: Path
    value: Any
    lines: dict[_Place, int]

    def refuse(self, place: _Place, problem: str) -> NoReturn:
        """Raise an error that names the line.

        Raises:
            EmulatorError: Always, with file and line.
        """
        while place not in self.lines and place:
            place = place[:-1]
        raise EmulatorError(f"{self.path}:{self.lines.get(place, 1)}: {problem}")


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file of plain values, without tags for other objects.

    Raises:
        EmulatorError: If it cannot be read or is not YAML, with file and line.
    """
    import yaml

    text = _read(path)
    lines: dict[_Place, int] = {}
    try:
        _check_depth(path, text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is not None:
            _note(path, node, (), lines)
        value = loader.construct_document(node) if node is not None else None
    except (ValueError, OverflowError) as error:  # an invalid date or number
        raise EmulatorError(f"{path}: this is not YAML: {error}.") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EmulatorError(f"{path}:{line}: this is not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise EmulatorError(f"{path}:{line}: this is not YAML: {str(error).splitlines()[0]}.") from error
    return YamlFile(path, value, lines)


def _read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        EmulatorError: If it cannot be read or has more than 4 MiB.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EmulatorError(f"{path}: the replies cannot be read: {reason}.") from error
    if len(content) > _MAX_BYTES:
        raise EmulatorError(f"{path}: the replies have more than {_MAX_BYTES >> 20} MiB.")
    return text


def _check_depth(path: Path, text: str) -> None:
    """Refuse deep nesting before building the tree, which takes a call per level.

    Raises:
        EmulatorError: If it has more than 50 levels.
    """
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise EmulatorError(f"{path}:{line}: values are nested more than {_MAX_DEPTH} levels deep.")


def _note(path: Path, node: Any, place: _Place, lines: dict[_Place, int]) -> None:
    """Record the line of a node and its descendants, following aliases.

    Raises:
        EmulatorError: If aliases expand to too many values.
    """
    import yaml

    if len(lines) > _MAX_VALUES or len(place) > _MAX_DEPTH:
        line = node.start_mark.line + 1
        raise EmulatorError(
            f"{path}:{line}: there are more than {_MAX_VALUES:,} values, or an alias is inside of itself."
        )
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} is given twice", key.start_mark
                )
            _note(path, value, inner, lines)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note(path, value, (*place, index), lines)
