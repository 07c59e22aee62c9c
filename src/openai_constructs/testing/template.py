"""Assertions on the Terraform JSON of a stack."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from openai_constructs.testing import failures
from openai_constructs.testing.blocks import (
    DATA,
    MODULE,
    OUTPUT,
    PROVIDER,
    RESOURCE,
    VARIABLE,
    Block,
    Kind,
    blocks,
    nearest,
)
from openai_constructs.testing.differences import Matcher, differences, refuse_misplaced
from openai_constructs.testing.instances import files_of

if TYPE_CHECKING:
    from openai_constructs.testing.chat import Chat

__all__ = ["Template", "Templates", "read_files"]

Arguments = Mapping[str, Any] | Matcher | None


class Template:
    """The Terraform JSON of one stack, and assertions on it.

    Arguments are a pattern: of dicts, at any depth, only the pattern's keys are compared; lists must have the
    same length; values may be matchers. ``exact=True`` compares all keys. A name is the block's name in the
    JSON, the path of its construct below the stack (``team/chat``), or a matcher.

    A failed assertion raises an `AssertionError` that shows the nearest candidate and its differences. No
    assertion passes on an empty set; assert its absence with ``count_...(..., 0)``.

    The JSON omits the engine's ``//`` comments, which Terraform ignores, and the engine's default backend,
    which has the absolute path of a file on this machine.

    Args:
        configuration: The parsed JSON.
        name: Name of the stack.
        folder: Folder of the JSON and of the files of fleets with more than 100 chats.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        *,
        name: str | None = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        metadata = configuration.get("//", {}).get("metadata", {})
        self.name: str | None = name or metadata.get("stackName")
        self._written = _without_made_up_backend(configuration, self.name)
        self._files = {} if folder is None else read_files(configuration, Path(folder))

    @classmethod
    def from_stack(cls, stack: Any, *, skip_validation: bool = False) -> Self:
        """Synthesize a stack as its app would: aspects, validations, and references to other stacks.

        Args:
            stack: Any ``TerraformStack`` in an app.
            skip_validation: Skip the validations of constructs, for an incomplete stack, such as one without
                a provider.

        Raises:
            SynthesisError: If synthesis fails, with the construct's path and the reason.
        """
        from openai_constructs.testing.synthesis import app_of, synthesize

        app = app_of(stack)
        if app is stack:
            raise TypeError("This is an app: use Template.from_app(), which has a template for each stack.")
        with tempfile.TemporaryDirectory() as out:
            (made,) = synthesize(app, Path(out), only=stack, skip_validation=skip_validation)
            return cls._from_folder(made.name, made.folder)

    @classmethod
    def from_app(cls, app: Any) -> Templates:
        """Synthesize an app; return the templates of its stacks by name, each after those it depends on.

        Raises:
            SynthesisError: If synthesis fails, or the app has no stack.
        """
        from openai_constructs.testing.synthesis import app_of, synthesize

        with tempfile.TemporaryDirectory() as out:
            return Templates(
                (it.name, cls._from_folder(it.name, it.folder)) for it in synthesize(app_of(app), Path(out))
            )

    @classmethod
    def from_json(
        cls,
        text: str | bytes,
        *,
        name: str | None = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Return the template of a ``cdk.tf.json`` or any other Terraform JSON.

        Args:
            text: The JSON.
            name: Name of the stack.
            folder: Folder of the JSON and of the files of fleets with more than 100 chats.

        Raises:
            ValueError: If it is not a JSON object.
        """
        parsed = json.loads(text)
        if not isinstance(parsed, dict):
            raise ValueError(f"Terraform JSON is an object, this is a {type(parsed).__name__}.")
        return cls(parsed, name=name, folder=folder)

    @classmethod
    def _from_folder(cls, name: str, folder: Path) -> Self:
        return cls.from_json((folder / "cdk.tf.json").read_bytes(), name=name, folder=folder)

    def to_json(self) -> dict[str, Any]:
        """Return a copy of the parsed JSON."""
        copied: dict[str, Any] = json.loads(json.dumps(self._written))
        copied.pop("//", None)
        for kind in (RESOURCE, DATA, MODULE, OUTPUT, VARIABLE):
            for named in copied.get(kind.key, {}).values() if kind.has_type else [copied.get(kind.key, {})]:
                for body in named.values():
                    body.pop("//", None)
        return copied

    @property
    def outputs(self) -> dict[str, Any]:
        """The values of the outputs, by name."""
        return {it.name: it.body.get("value") for it in self._blocks(OUTPUT)}

    def matches(self, pattern: Mapping[str, Any], *, exact: bool = False) -> None:
        """Assert that the whole JSON matches a pattern."""
        __tracebackhide__ = True
        refuse_misplaced("matches", pattern)
        if found := list(differences(pattern, self.to_json(), exact=exact)):
            raise AssertionError("\n".join([f"The stack {self.name} differs:", *map(str, found)]))

    def has_resource(
        self,
        type: str,
        arguments: Arguments = None,
        *,
        name: str | Matcher | None = None,
        exact: bool = False,
    ) -> None:
        """Assert that a resource matches."""
        __tracebackhide__ = True
        self._has(RESOURCE, type, name, arguments, exact)

    def has_data_source(
        self,
        type: str,
        arguments: Arguments = None,
        *,
        name: str | Matcher | None = None,
        exact: bool = False,
    ) -> None:
        """Assert that a data source matches."""
        __tracebackhide__ = True
        self._has(DATA, type, name, arguments, exact)

    def has_provider(self, type: str, arguments: Arguments = None, *, exact: bool = False) -> None:
        """Assert that a provider block matches."""
        __tracebackhide__ = True
        self._has(PROVIDER, type, None, arguments, exact)

    def has_module(self, name: str | Matcher, arguments: Arguments = None, *, exact: bool = False) -> None:
        """Assert that a module call matches."""
        __tracebackhide__ = True
        self._has(MODULE, "", name, arguments, exact)

    def has_output(self, name: str | Matcher, arguments: Arguments = None, *, exact: bool = False) -> None:
        """Assert that an output matches: ``{"value": ..., "sensitive": ...}``."""
        __tracebackhide__ = True
        self._has(OUTPUT, "", name, arguments, exact)

    def has_variable(self, name: str | Matcher, arguments: Arguments = None, *, exact: bool = False) -> None:
        """Assert that a variable matches."""
        __tracebackhide__ = True
        self._has(VARIABLE, "", name, arguments, exact)

    def count_resources(self, type: str, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching resources; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(RESOURCE, type, expected, arguments)

    def count_data_sources(self, type: str, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching data sources; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(DATA, type, expected, arguments)

    def count_providers(self, type: str, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching provider blocks; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(PROVIDER, type, expected, arguments)

    def count_modules(self, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching module calls; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(MODULE, "", expected, arguments)

    def count_outputs(self, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching outputs; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(OUTPUT, "", expected, arguments)

    def count_variables(self, expected: int, arguments: Arguments = None) -> None:
        """Assert the number of matching variables; 0 asserts that there are none."""
        __tracebackhide__ = True
        self._count(VARIABLE, "", expected, arguments)

    def find_resources(
        self, type: str, arguments: Arguments = None, *, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching resources by name; fail if there are none."""
        __tracebackhide__ = True
        return self._find(RESOURCE, type, None, arguments, exact)

    def find_data_sources(
        self, type: str, arguments: Arguments = None, *, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching data sources by name; fail if there are none."""
        __tracebackhide__ = True
        return self._find(DATA, type, None, arguments, exact)

    def find_providers(
        self, type: str, arguments: Arguments = None, *, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching provider blocks by alias, ``default`` without one; fail if there are none."""
        __tracebackhide__ = True
        return self._find(PROVIDER, type, None, arguments, exact)

    def find_modules(
        self, arguments: Arguments = None, *, name: str | Matcher | None = None, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching module calls by name; fail if there are none."""
        __tracebackhide__ = True
        return self._find(MODULE, "", name, arguments, exact)

    def find_outputs(
        self, arguments: Arguments = None, *, name: str | Matcher | None = None, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching outputs by name; fail if there are none."""
        __tracebackhide__ = True
        return self._find(OUTPUT, "", name, arguments, exact)

    def find_variables(
        self, arguments: Arguments = None, *, name: str | Matcher | None = None, exact: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Return the matching variables by name; fail if there are none."""
        __tracebackhide__ = True
        return self._find(VARIABLE, "", name, arguments, exact)

    def chat(self, name: str) -> Chat:
        """Return the request of a chat: a call of the packaged module, or an ``openai_chat_completion``.

        Args:
            name: Name or address (``module.basic_chat``) of the chat, or the path of its construct below the
                stack. A chat in a fleet needs its key: ``faq["install"]``.

        Raises:
            AssertionError: If there is no such chat, there are several, or its messages are an expression.
        """
        __tracebackhide__ = True
        from openai_constructs.testing.chat import find_chat

        return find_chat(self._blocks(MODULE) + self._blocks(RESOURCE), self._written, self._files, name)

    def find_chats(self) -> dict[str, Chat]:
        """Return the request of every chat of the stack by address; fail if there is none."""
        __tracebackhide__ = True
        from openai_constructs.testing.chat import all_chats

        return all_chats(self._blocks(MODULE) + self._blocks(RESOURCE), self._written, self._files)

    def __repr__(self) -> str:
        return f"Template({self.name!r})"

    def _blocks(self, kind: Kind) -> list[Block]:
        return list(blocks(kind, self._written))

    def _candidates(self, kind: Kind, type_: str, name: str | Matcher | None) -> list[Block]:
        """Return the blocks of a type and name; fail if there are none."""
        __tracebackhide__ = True
        all_ = self._blocks(kind)
        found = [it for it in all_ if it.type == type_ and it.is_named(name)]
        if not found:
            raise AssertionError(failures.none_there(kind, type_, name, all_))
        return found

    def _find(
        self, kind: Kind, type_: str, name: str | Matcher | None, arguments: Arguments, exact: bool
    ) -> dict[str, dict[str, Any]]:
        __tracebackhide__ = True
        pattern = {} if arguments is None else arguments
        refuse_misplaced(f"{kind.key} {type_}".strip(), pattern)
        ranked = nearest(self._candidates(kind, type_, name), pattern, exact=exact)
        fitting = {it.block.name: it.block.body for it in ranked if not it.differences}
        if not fitting:
            raise AssertionError(failures.none_like(kind, type_, pattern, ranked, exact=exact))
        return fitting

    def _has(
        self, kind: Kind, type_: str, name: str | Matcher | None, arguments: Arguments, exact: bool
    ) -> None:
        __tracebackhide__ = True
        self._find(kind, type_, name, arguments, exact)

    def _count(self, kind: Kind, type_: str, expected: int, arguments: Arguments) -> None:
        __tracebackhide__ = True
        refuse_misplaced(f"{kind.key} {type_}".strip(), arguments)
        candidates = [it for it in self._blocks(kind) if it.type == type_]
        ranked = nearest(candidates, arguments or {}, exact=False)
        fitting = [it.block for it in ranked if not it.differences]
        if len(fitting) != expected:
            others = ranked[len(fitting) :]
            raise AssertionError(failures.wrong_count(kind, type_, expected, fitting, arguments, others))


class Templates(dict[str, Template]):
    """Templates of an app's stacks by name."""

    def __missing__(self, name: str) -> Template:
        raise AssertionError(f"There is no stack {name!r}. The app has {', '.join(self)}.")


def read_files(configuration: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the parsed files of large fleets by path, as far as they exist."""
    paths = [it for it in files_of(configuration) if (folder / it).is_file()]
    return {it: json.loads((folder / it).read_bytes()) for it in paths}


def _without_made_up_backend(configuration: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """Return a stack's JSON without the engine's default backend."""
    terraform = configuration.get("terraform", {})
    match terraform.get("backend"):
        case {"local": {"path": str(path)}} if (
            Path(path).is_absolute() and Path(path).name == f"terraform.{name}.tfstate"
        ):
            kept = {key: it for key, it in terraform.items() if key != "backend"}
            rest = {key: it for key, it in configuration.items() if key != "terraform"}
            return {**rest, "terraform": kept} if kept else rest
        case _:
            return configuration
