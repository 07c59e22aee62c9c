"""Launcher scripts that Terraform starts as a provider.

If the provider cannot start, the script prints the reason in one line: Terraform shows the first line that a
provider prints instead of a handshake.
"""

from __future__ import annotations

import shlex
import sys
from typing import Final

__all__ = ["INTERPRETER", "launcher", "portable_launcher"]

INTERPRETER: Final = "python"
"""File next to the releases of an installed provider: path of the interpreter that has the package."""

# -P: a folder named `tf` or `openai` next to the user's configuration must not be imported.
_PORTABLE: Final = """\
#!/bin/sh
# The provider "openai" of openai-constructs @RELEASE@, put here by `openai-constructs provider install`.
# It is the same on every machine, and so is its checksum in a lock file: the interpreter stands in the file
# `@INTERPRETER@` beside the releases.
folder=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
python=$(cat "$folder/../../@INTERPRETER@" 2>/dev/null || echo python3)
if ! command -v "$python" >/dev/null 2>&1; then
    echo "openai-constructs is gone: there is no $python. Install it, run: openai-constructs provider install"
    exit 1
fi
exec "$python" -P -c '
import sys
try:
    from openai_constructs.provider.__main__ import end, main
except ImportError:
    print(f"openai-constructs is not installed for {sys.executable}. Run: pip install "
          "\\"openai-constructs[local]\\" and: openai-constructs provider install")
    sys.exit(1)
end(main())
' --edition native --version @RELEASE@ "$@"
"""


def launcher(edition: str) -> str:
    """Return a script that starts the provider with this Python.

    Args:
        edition: ``compat`` or ``native``.
    """
    more = "" if edition == "compat" else f" --edition {edition}"
    command = f"exec {shlex.quote(sys.executable)} -P -m openai_constructs.provider{more}"
    return f'#!/bin/sh\n{command} "$@"\n'


def portable_launcher(release: str) -> str:
    """Return a script that starts the native edition on any machine.

    Args:
        release: The release of the package; the provider refuses to start with another one.
    """
    return _PORTABLE.replace("@RELEASE@", release).replace("@INTERPRETER@", INTERPRETER)
