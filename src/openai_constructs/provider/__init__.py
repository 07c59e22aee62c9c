"""The embedded Terraform provider. Needs the extra ``local``.

The compat edition stands in for ``mkdev-me/openai`` 1.2.0 and is exactly as strict: a configuration that
applies here applies there. The native edition is a provider of its own, with features that 1.2.0 lacks.

Terraform starts ``python -m openai_constructs.provider`` through a launcher script.
"""

from openai_constructs.provider.editions import ADDRESSES, NATIVE_ADDRESS, VERSION

__all__ = ["ADDRESSES", "NATIVE_ADDRESS", "VERSION"]
