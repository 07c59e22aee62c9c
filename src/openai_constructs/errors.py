"""All errors of this library.

OpenaiConstructsError                 base class
├── ArchiveError                      an archive cannot be opened, read or written
├── InvalidInputError (ValueError)    invalid arguments, all in one error
├── EngineNotFoundError (ImportError) the CDK engine or Node is missing
├── EmulatorError                     the emulator cannot start with its options
├── LocalError                        a local run fails, or cannot start
├── OpenaiConstructsWarning (UserWarning)  a construct's warning at synthesis
├── ProjectError                      a project cannot be created in a folder
├── SynthesisError                    a stack of the testing kit does not synthesize
└── UnsupportedPlatformError          the embedded provider cannot run on this system
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "ArchiveError",
    "EmulatorError",
    "EngineNotFoundError",
    "InvalidInputError",
    "LocalError",
    "OpenaiConstructsError",
    "OpenaiConstructsWarning",
    "Problem",
    "ProjectError",
    "SynthesisError",
    "UnsupportedPlatformError",
]


_LISTED = 50
"""Maximum number of problems in a message."""


class OpenaiConstructsError(Exception):
    """Base class of all errors of this library."""


class ArchiveError(OpenaiConstructsError):
    """An archive cannot be used: unknown URL or driver, foreign, newer, locked, full or unreachable."""


class OpenaiConstructsWarning(OpenaiConstructsError, UserWarning):  # noqa: N818 - it is a warning
    """A construct's warning at synthesis. The text begins with the construct's path.

    The testing kit issues it with `warnings.warn`, so ``python -W`` and pytest's ``filterwarnings`` apply.
    It is raised only if they turn warnings into errors.
    """


class Problem(NamedTuple):
    """A problem of an argument.

    Attributes:
        argument: Path of the argument: ``messages[1].content``.
        value: The invalid value, printable and shortened; never a secret.
        allowed: Description of the valid values.
        fix: How to fix it.
    """

    argument: str
    value: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.argument} = {self.value}: must be {self.allowed}. {self.fix}"


class InvalidInputError(OpenaiConstructsError, ValueError):
    """Invalid arguments, found before anything was created or written.

    Attributes:
        path: Path of the construct in the tree (``app/stack/basic_chat``), or the name of the value object.
        problems: All problems, in the order of the arguments.
    """

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.path}: {self.problems[0]}"
        listed = "".join(f"\n  - {problem}" for problem in self.problems[:_LISTED])
        more = len(self.problems) - _LISTED
        rest = f"\n  - and {more:,} more, in the error's `problems`" if more > 0 else ""
        return f"{self.path}: {len(self.problems)} problems{listed}{rest}"

    def __reduce__(self) -> tuple[type[InvalidInputError], tuple[str, tuple[Problem, ...]]]:
        return type(self), (self.path, self.problems)


class EngineNotFoundError(OpenaiConstructsError, ImportError):
    """Neither ``cdktf`` nor ``cdktn`` can be imported, or Node is missing."""


class EmulatorError(OpenaiConstructsError):
    """The emulator cannot start: a port in use, an unusable database, broken replies, or a missing extra."""


class LocalError(OpenaiConstructsError):
    """A local run failed: no project, no terraform, or an error of terraform."""


class ProjectError(OpenaiConstructsError):
    """A project cannot be created: the folder is not empty, or cannot be written."""


class SynthesisError(OpenaiConstructsError):
    """A stack does not synthesize. The message names the construct and the reason."""


class UnsupportedPlatformError(OpenaiConstructsError):
    """The embedded provider cannot run on this system."""
