"""Lines of the table that contradict themselves: checked before anything is made from it."""

from __future__ import annotations

from collections.abc import Iterator

from openai_constructs.schema import Attribute, Block, Edition, Limits

__all__ = ["contradictions"]

_BLOCK_ENCODINGS = frozenset({"messages", "functions", "tools", "response_format"})
_TEXT_ENCODINGS = frozenset({"json", "extra", "schema", "function_call", "tool_choice"})
_NOT_READ_BACK = frozenset({"extra", "schema", "messages", "functions", "function_call"})
_KINDS_OF_LIMITS = {
    "number": {"minimum", "maximum", "integer"},
    "string": {"min_length", "max_length", "one_of", "known", "pattern", "pattern_in_words"},
    "bool": set[str](),
}
_KINDS_OF_LIMITS["list"] = {"min_items", "max_items", *_KINDS_OF_LIMITS["string"]}
_KINDS_OF_LIMITS["map"] = {
    "min_items",
    "max_items",
    "max_key_length",
    "key_pattern",
    "key_pattern_in_words",
    *_KINDS_OF_LIMITS["string"],
}
_KINDS_OF_LIMITS["map"] |= _KINDS_OF_LIMITS["number"]


def contradictions(*editions: Edition) -> list[str]:
    """Everything in the table that cannot be true at once, one sentence each."""
    found = [
        f"{edition.source} {name}{problem}"
        for edition in editions
        for name, block in {
            "provider": edition.provider,
            "chat_completion": edition.chat_completion,
            **{f"data.{name}": it for name, it in edition.data_sources.items()},
        }.items()
        for problem in _of_block(block)
    ]
    return list(dict.fromkeys(found))


def _of_block(block: Block, *, is_nested: bool = False) -> Iterator[str]:
    lines: dict[str, Attribute | Block] = {**block.attributes, **block.blocks}
    for name, line in lines.items():
        problems = [*_of_line(line, is_nested=is_nested)]
        if isinstance(line, Block):
            problems += _of_counts(line)
            yield from (f".{name}{it}" for it in _of_block(line, is_nested=True))
        else:
            problems += _of_attribute(line)
        yield from (f".{name}: {it}" for it in problems)


def _of_line(line: Attribute | Block, *, is_nested: bool) -> Iterator[str]:
    if line.settable and not line.description:
        yield "settable, but has no description"
    if not line.settable and (line.sent or line.hashed or line.echoed):
        yield "computed, so it can be neither sent, hashed nor echoed"
    if line.echoed and not line.sent:
        yield "echoed, but not sent: the store returns nothing that it was not given"
    if line.echoed and line.sent in _NOT_READ_BACK:
        yield f"echoed, but no import can read the encoding {line.sent!r}"
    if is_nested and (line.hashed or line.echoed or line.replaces):
        yield "nested, so its block says whether it is hashed, echoed or replaces"
    if not is_nested and (line.sent in _BLOCK_ENCODINGS) != (isinstance(line, Block) and bool(line.sent)):
        yield f"the encoding {line.sent!r} does not fit its kind"
    if unknown := line.natively.keys() - _fields(line):
        yield f"natively has unknown fields: {', '.join(sorted(unknown))}"
    if line.native and line.replaces:
        yield "native only, so no public provider replaces when it changes"
    if line.native and line.natively:
        yield "native only, so natively has nothing to differ from"


def _of_counts(block: Block) -> Iterator[str]:
    limits = block.limits
    if _is_reversed(block.min_items, block.max_items) or _is_reversed(limits.min_items, limits.max_items):
        yield "min_items is above max_items"
    if block.single and block.max_items != 1:
        yield "single, but may be written several times"


def _of_attribute(line: Attribute) -> Iterator[str]:
    if line.required and (line.optional or line.computed or line.default is not None):
        yield "required, so it can be neither optional nor computed nor have a default"
    if not (line.required or line.optional or line.computed):
        yield "neither required, optional nor computed"
    if line.sent in _TEXT_ENCODINGS and line.type != "string":
        yield f"the encoding {line.sent!r} is one of texts"
    if line.sent == "flag" and line.type != "bool":
        yield "the encoding 'flag' is one of bools"
    kind = line.type if isinstance(line.type, str) else line.type[0] if isinstance(line.type, tuple) else ""
    for name, limits in (("limits", line.limits), ("accepts", line.accepts)):
        yield from (f"{name}: {it}" for it in _of_limits(kind, limits))
    if not _holds(line.limits, line.default):
        yield f"the default {line.default!r} is outside of its limits"


def _of_limits(kind: str, limits: Limits) -> Iterator[str]:
    given = {name for name, it in limits._asdict().items() if it != Limits._field_defaults[name]}
    if misplaced := given - _KINDS_OF_LIMITS.get(kind, set()):
        yield f"{', '.join(sorted(misplaced))} cannot limit a {kind or 'computed value'}"
    for low, high in (("minimum", "maximum"), ("min_items", "max_items"), ("min_length", "max_length")):
        if _is_reversed(getattr(limits, low), getattr(limits, high)):
            yield f"{low} is above {high}"
    if limits.one_of and limits.known:
        yield "one_of is all that is allowed, so known has nothing to add"


def _holds(limits: Limits, default: object) -> bool:
    if isinstance(default, str):
        return limits.one_of is None or default in limits.one_of
    if isinstance(default, bool) or not isinstance(default, int | float):
        return True
    return not (_is_reversed(limits.minimum, default) or _is_reversed(default, limits.maximum))


def _is_reversed(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low > high


def _fields(line: Attribute | Block) -> set[str]:
    return set(line._fields if isinstance(line, Attribute) else line.__dataclass_fields__)
