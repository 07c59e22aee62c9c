"""The embedded Terraform provider. Needs the extra ``local``.

Its compat edition stands in for ``mkdev-me/openai`` 1.2.0, as strict as the real one and never kinder: what
applies here applies there. Its native edition, in the folder `native`, does what that one cannot.

    python -m openai_constructs.provider    is what Terraform starts, through a launcher script
"""

from openai_constructs.provider.editions import ADDRESSES, NATIVE_ADDRESS, VERSION

__all__ = ["ADDRESSES", "NATIVE_ADDRESS", "VERSION"]
