"""Apply synthesized stacks offline, isolated from the user's state.

A local run has its own folder, state, plugins and key. It does not read or write the user's state, lock file,
backend and keys.
"""

from typing import Final

__all__ = ["DEFAULT_PORT"]

DEFAULT_PORT: Final = 4010
"""Port on which ``openai-constructs emulator`` listens, and which ``local env`` uses."""
