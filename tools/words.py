"""The words in which modules and documentation show a line of the table."""

from __future__ import annotations

from collections.abc import Sequence

from openai_constructs.schema import Attribute, Block, Limits

__all__ = ["allowed", "entries", "listed", "number_range", "sentence"]


def sentence(line: Attribute | Block) -> str:
    """Description, limits and note: ``Sampling temperature, 0 to 2. The provider never sends a 0.``"""
    limits = "" if isinstance(line, Block) else allowed(line)
    is_list = bool(line.limits.one_of or line.limits.known or line.limits.max_key_length)
    between = ": " if is_list else ", "
    parts = [f"{line.description}{between if limits else ''}{limits}.", line.note]
    if isinstance(line, Block):
        parts += [
            f"{name.capitalize()}s: {', '.join(it.limits.one_of)}."
            for name, it in line.attributes.items()
            if it.limits.one_of
        ]
    return " ".join(filter(None, parts))


def allowed(attribute: Attribute) -> str:
    """The limits of a value; empty where there are none."""
    limits = attribute.limits
    match attribute.type:
        case "number" | ("map", "number"):
            return number_range(limits)
        case ("map", "string") if limits.max_items:
            return (
                f"up to {limits.max_items} pairs, keys up to {limits.max_key_length} and values up to "
                f"{limits.max_length} characters"
            )
        case ("list", "string") if limits.max_items:
            return f"up to {limits.max_items}"
        case "string" if limits.one_of or limits.known:
            return listed(limits.one_of or limits.known or ())
        case "string" if limits.max_length:
            return f"up to {limits.max_length} characters"
        case _:
            return ""


def number_range(limits: Limits) -> str:
    """``0 to 2``, ``at least 1``, ``up to 5``; empty where there is neither bound."""
    match limits.minimum, limits.maximum:
        case None, None:
            return ""
        case minimum, None:
            return f"at least {minimum:g}"
        case None, maximum:
            return f"up to {maximum:g}"
        case minimum, maximum:
            return f"{minimum:g} to {maximum:g}"


def listed(texts: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def entries(name: str, line: Attribute | Block) -> tuple[str, str]:
    """One and several entries of a list, map or block, in words."""
    return line.entries or (f"entry of {name}", f"entries of {name}")
