"""Start the provider: ``python -m openai_constructs.provider``. Terraform runs this, not a user."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["end", "main"]

_COOKIE = "TF_PLUGIN_MAGIC_COOKIE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve Terraform until it shuts the provider down. Return the exit code.

    ``--edition`` is ``compat`` (default) or ``native``. ``--version`` is the release in the launcher; the
    provider refuses to start if another one is installed, because Terraform has locked that release.
    """
    import argparse
    import gc
    import os

    if _COOKIE not in os.environ:
        sys.stderr.write(
            "This is a Terraform provider, which Terraform starts itself. Set it up with `openai-constructs "
            "local` or `openai-constructs provider install`.\n"
        )
        return 1
    parser = argparse.ArgumentParser(prog="openai_constructs.provider")
    parser.add_argument("--edition", choices=("compat", "native"), default="compat")
    parser.add_argument("--version")
    options = parser.parse_args(arguments)
    gc.disable()  # imported objects stay alive, so there is nothing to collect
    try:
        from openai_constructs.provider.core.local_world import is_local
        from openai_constructs.provider.core.serving import serve
        from openai_constructs.provider.editions import provider_of, release

        if options.version and options.version != release():
            return _refuse(
                f"this launcher is of openai-constructs {options.version}, and {release()} is installed: run "
                "`openai-constructs provider install`, then `terraform init -upgrade`"
            )
        environ = os.environ if is_local(os.environ) else None
        provider = provider_of(options.edition, environ)
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
    """Exit at once without cleanup, because Terraform waits for the process to end."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _refuse(reason: str) -> int:
    """Print why the provider does not start. Terraform shows the first line of stdout and logs stderr."""
    sys.stdout.write(f"{reason}\n")
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    end(main())
