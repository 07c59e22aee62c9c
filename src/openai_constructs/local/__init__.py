"""Applying synthesized stacks offline: a world of its own beside the user's.

It has its own folder, state, plugins and key. The user's state, lock file, backend and environment keys are
neither read nor written.
"""
