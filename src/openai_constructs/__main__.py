"""``openai-constructs`` and ``python -m openai_constructs``: run a command, or print what it needs."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line.

    Raises:
        SystemExit: With the command's exit code, or with a sentence if the extra ``local`` is missing.
    """
    try:
        from openai_constructs.cli import main as run

        run(prog_name="openai-constructs")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("openai_constructs"):
            raise
        sys.exit(f"This command needs {error.name}. Run `pip install 'openai-constructs[local]'`.")


if __name__ == "__main__":
    main()
