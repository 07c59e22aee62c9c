"""Starts the provider: ``python -m openai_constructs.provider``. Terraform does that, not a user."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["end", "main"]

_COOKIE = "TF_PLUGIN_MAGIC_COOKIE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve Terraform until it says goodbye; the exit code.

    ``--edition native`` serves the native edition, else it is the compat edition. ``--version`` is the
    release the launcher was written for; no other is started, because Terraform was promised that one.
    """
    import argparse
    import gc
    import os

    if _COOKIE not in os.environ:
        sys.stderr.write(
            "This is a Terraform provider: terraform starts it. `openai-constructs local` or "
            "`openai-constructs provider install` sets it up.\n"
        )
        return 1
    parser = argparse.ArgumentParser(prog="openai_constructs.provider")
    parser.add_argument("--edition", choices=("compat", "native"), default="compat")
    parser.add_argument("--version")
    asked = parser.parse_args(arguments)
    gc.disable()  # all that is imported stays, so there is nothing to collect
    try:
        from openai_constructs.provider.core.local_world import is_local
        from openai_constructs.provider.core.serving import serve
        from openai_constructs.provider.editions import provider_of, release

        if asked.version and asked.version != release():
            return _refuse(
                f"this launcher is of openai-constructs {asked.version}, and {release()} is installed: run "
                "`openai-constructs provider install`, then `terraform init -upgrade`"
            )
        environ = os.environ if is_local(os.environ) else None
        provider = provider_of(asked.edition, environ)
    except ImportError as error:
        return _refuse(
            f"the embedded provider needs the extra `local` ({error}): pip install 'openai-constructs[local]'"
        )
    finally:
        gc.freeze()
        gc.enable()
    try:
        serve(provider)
    except OSError as error:
        return _refuse(f"the embedded provider cannot start: {error}")
    return 0


def end(code: int) -> NoReturn:
    """End the process, and tidy nothing up: there is nothing to keep, and Terraform waits for the end."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refuse(reason: str) -> int:
    """Say why there is no provider. Terraform shows the first line of the output, and logs the errors."""
    sys.stdout.write(f"{reason}\n")
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    end(main())
