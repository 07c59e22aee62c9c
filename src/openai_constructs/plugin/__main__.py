"""Starts the provider: ``python -m openai_constructs.plugin``. Terraform does that, not a user."""

from __future__ import annotations

import sys

_COOKIE = "TF_PLUGIN_MAGIC_COOKIE"


def main() -> int:
    """Serve Terraform until it says goodbye; the exit code."""
    import os

    if _COOKIE not in os.environ:
        sys.stderr.write(
            "This is a Terraform provider: terraform starts it. `openai-constructs local` sets it up.\n"
        )
        return 1
    try:
        from openai_constructs.plugin.protocol import serve
        from openai_constructs.plugin.provider import CompatProvider
    except ImportError as error:
        sys.stderr.write(f"The embedded provider needs the extra `local` ({error}):\n")
        sys.stderr.write("    pip install 'openai-constructs[local]'\n")
        return 1
    serve(CompatProvider())
    return 0


if __name__ == "__main__":
    sys.exit(main())
