"""Every error this library raises.

OpenaiConstructsError                 anything we raise on purpose
├── ArchiveError                      an archive cannot be opened, read or written
├── InvalidInputError (ValueError)    arguments that cannot work: all of them, in one error
├── EngineNotFoundError (ImportError) no CDK engine is installed, or no Node for it
├── EmulatorError                     the emulator cannot start as it was asked to
├── LocalError                        a stack cannot be taken into the local world, or terraform fails there
├── OpenaiConstructsWarning (UserWarning)  a construct warned at synthesis; raised if warnings are errors
├── ProjectError                      a project cannot be started in a folder
├── SynthesisError                    a stack given to the testing kit does not synthesize
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
"""Problems shown in a message; more would be unreadable."""


class OpenaiConstructsError(Exception):
    """Base class of every error this library raises on purpose."""


class ArchiveError(OpenaiConstructsError):
    """An archive cannot be used: unknown URL or driver, foreign, newer, locked, full or unreachable."""


class OpenaiConstructsWarning(OpenaiConstructsError, UserWarning):  # noqa: N818 - it is a warning
    """A construct warned at synthesis; the text begins with the construct's path.

    The testing kit issues it with `warnings.warn`, so ``python -W`` and pytest's ``filterwarnings`` apply.
    It is raised only where they make an error of it.
    """


class Problem(NamedTuple):
    """One problem with one argument.

    Attributes:
        argument: Where it is, as the user wrote it: ``messages[1].content``.
        value: What was given, printable and shortened; never a secret.
        allowed: What would have been right.
        fix: What to do now.
    """

    argument: str
    value: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.argument} = {self.value}: must be {self.allowed}. {self.fix}"


class InvalidInputError(OpenaiConstructsError, ValueError):
    """Invalid arguments, found before anything was built or written.

    Attributes:
        path: Path of the construct in the tree (``app/stack/basic_chat``), or the name of the value object.
        problems: Everything that is wrong, in the order of the arguments.
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
    """Neither ``cdktf`` nor ``cdktn`` can be imported, or there is no Node for them to run on."""


class EmulatorError(OpenaiConstructsError):
    """The emulator cannot start: a port in use, an unusable database, broken replies, or a missing extra."""


class LocalError(OpenaiConstructsError):
    """A local run failed: no project, no terraform, or an error of terraform."""


class ProjectError(OpenaiConstructsError):
    """A project cannot be created: the folder is not empty, or cannot be written."""


class SynthesisError(OpenaiConstructsError):
    """A stack does not synthesize; the message names the construct and the reason."""


class UnsupportedPlatformError(OpenaiConstructsError):
    """The embedded provider cannot run on this system."""
