"""Applying synthesized stacks offline: a world of its own beside the user's.

It has its own folder, state, plugins and key. The user's state, lock file, backend and environment keys are
neither read nor written.
"""

from typing import Final

__all__ = ["DEFAULT_PORT"]

DEFAULT_PORT: Final = 4010
"""Where ``openai-constructs emulator`` listens, and where ``local env`` looks for it."""
