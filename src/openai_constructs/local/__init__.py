"""Applying synthesized stacks offline, isolated from the user's state.

It has its own folder, state, plugins and key. The user's state, lock file, backend and environment keys are
neither read nor written.
"""

from typing import Final

__all__ = ["DEFAULT_PORT"]

DEFAULT_PORT: Final = 4010
"""Port on which ``openai-constructs emulator`` listens, and which ``local env`` uses."""
