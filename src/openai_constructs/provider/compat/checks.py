"""Validation of a configuration before a plan, with the messages of SDKv2."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import Unknown
from openai_constructs.schema import Attribute, Block, Limits

__all__ = ["check"]

_Path = list[Any]


def check(
    diagnostics: Diagnostics, block: Block, config: Mapping[str, Any], path: _Path | None = None
) -> None:
    """Add an error for each value that the public provider rejects. Values known only after apply pass.

    Terraform itself checks the number of blocks.
    """
    path = path or []
    for name, attribute in block.attributes.items():
        value = config.get(name)
        if value is not None:
            _check_value(diagnostics, attribute, value, [*path, name])
        elif attribute.required:
            diagnostics.add_error(
                "Missing required argument",
                f'The argument "{_dotted([*path, name])}" is required, but no definition was found.',
                [*path, name],
            )
    for name, nested in block.blocks.items():
        items = config.get(name)
        for index, item in enumerate([] if items is None or items is Unknown else items):
            check(diagnostics, nested, item, [*path, name, (index,)])


def _check_value(diagnostics: Diagnostics, attribute: Attribute, value: Any, path: _Path) -> None:
    name = _dotted(path)
    if attribute.computed and not attribute.optional:
        diagnostics.add_error(
            "Value for unconfigurable attribute",
            f'Can\'t configure a value for "{name}": its value will be decided automatically based on the '
            "result of applying this configuration.",
            path,
        )
    elif name == "id":
        # SDKv2 does not let a configuration set the id, although the schema permits it.
        diagnostics.add_error("Invalid or unknown key", "", path)
    elif value is Unknown:
        return
    elif attribute.limits.integer and isinstance(value, float):
        diagnostics.add_error(f"Attribute must be a whole number, got {_shown(value)}", "", path)
    else:
        _check_limits(diagnostics, attribute, value, name, path)


def _check_limits(diagnostics: Diagnostics, attribute: Attribute, value: Any, name: str, path: _Path) -> None:
    limits = attribute.accepts
    if limits.max_items is not None and len(value) > limits.max_items:
        diagnostics.add_error(
            "Too many list items",
            f"Attribute {name} supports {limits.max_items} item maximum, "
            f"but config has {len(value)} declared.",
            path,
        )
    elif limits.one_of is not None and value not in limits.one_of:
        allowed = " ".join(f'"{it}"' for it in limits.one_of)
        diagnostics.add_error(f"expected {name} to be one of [{allowed}], got {value}", "", path)
    elif _is_outside(limits, value):
        shown = "{:d}" if attribute.limits.integer else "{:f}"
        low, high, given = (shown.format(it) for it in (limits.minimum, limits.maximum, value))
        diagnostics.add_error(f"expected {name} to be in the range ({low} - {high}), got {given}", "", path)


def _is_outside(limits: Limits, value: Any) -> bool:
    if limits.minimum is None or limits.maximum is None:
        return False
    return not limits.minimum <= value <= limits.maximum


def _shown(number: float) -> str:
    """Format a number like Go: as few digits as possible, with an exponent if it is large or small."""
    exact = Decimal(repr(number)).normalize()
    if not exact.is_finite():
        return "+Inf" if number > 0 else "-Inf"
    power = exact.adjusted()
    if -4 <= power < 6:
        return f"{exact:f}"
    return f"{exact.scaleb(-power):f}e{power:+03d}"


def _dotted(path: _Path) -> str:
    return ".".join(str(step[0]) if isinstance(step, tuple) else step for step in path)
