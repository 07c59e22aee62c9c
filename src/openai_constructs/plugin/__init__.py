"""The embedded Terraform provider, compat edition: it stands in for ``mkdev-me/openai`` 1.2.0.

It is as strict as the real one, never kinder: what applies here applies there. Needs the extra ``local``.

    python -m openai_constructs.plugin    is what Terraform starts, through the launcher that `install` writes
"""

from openai_constructs.plugin.install import (
    ADDRESSES,
    VERSION,
    install,
    prepare,
    write_cli_configuration,
)

__all__ = ["ADDRESSES", "VERSION", "install", "prepare", "write_cli_configuration"]
