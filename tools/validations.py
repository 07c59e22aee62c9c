"""The validations of a module's variables, made from the limits of the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from openai_constructs.schema import Attribute, Block, Limits
from openai_constructs.schema_types import JSON_TEXTS
from tools.words import entries, listed, number_range

__all__ = ["validations"]

_WIDTH: Final = 88
"""Most characters of a condition on its line; the whole line has 120 then."""

_NEEDED_WITH_ROLE: Final = (
    ("function", "name", "A message of role function must have the name of the function."),
    ("tool", "tool_call_id", "A message of role tool must have the id of the call that it answers."),
)
"""The role of a message, the field that it needs, and the error."""


def validations(name: str, line: Attribute | Block) -> Iterator[tuple[str, str]]:
    """Conditions of a variable and their error messages, both in HCL."""
    rules = _block_rules(name, line) if isinstance(line, Block) else _rules(name, line)
    for condition, message in rules:
        yield _wrapped(condition), json.dumps(message)


def _wrapped(condition: str) -> str:
    """A condition in as many lines as it needs."""
    if len(condition) <= _WIDTH + len("alltrue([])"):
        return condition
    opening, inner, closing = "(", condition, ")"
    if condition.startswith("alltrue(["):
        opening, inner, closing = "alltrue([", condition[len("alltrue([") : -len("])")], "])"
    if len(inner) > _WIDTH + len("alltrue([])") + 10:
        head, rest = inner.split(" : ", 1)
        inner = f"{head} :\n  {rest}"
    return f"{opening}\n  {inner}\n{closing}"


def _rules(name: str, line: Attribute) -> Iterator[tuple[str, str]]:
    value, limits = f"var.{name}", line.limits
    one, several = entries(name, line)
    item = one.rpartition(" ")[2] if line.entries else "entry"
    if limits.max_items is not None:
        yield _size(f"coalesce({value}, {_empty(line)})", limits, several)
    match line.type:
        case "number" | "string":
            for condition, words in _scalar(value, line):
                yield _unless_null(line, value, condition), f"The {name} {words}."
        case ("list", "string"):
            for condition, words in _scalar(item, line):
                article = "An" if one[0] in "aeiou" else "A"
                yield _every(item, f"coalesce({value}, [])", condition), f"{article} {one} {words}."
        case ("map", "number"):
            if limits.key_pattern:
                condition = f'can(regex("^{limits.key_pattern}$", key))'
                words = f"Every key of {name} must be {limits.key_pattern_in_words}."
                yield _all(f"for key in keys(coalesce({value}, {{}})) : {condition}"), words
            for condition, words in _scalar(item, line):
                yield _every(item, f"values(coalesce({value}, {{}}))", condition), f"Every {one} {words}."
        case ("map", "string") if limits.max_key_length and limits.max_length:
            condition = f"length(key) <= {limits.max_key_length} && length(value) <= {limits.max_length}"
            words = f"may have up to {limits.max_key_length} characters, values up to {limits.max_length}"
            yield _every("key, value", f"coalesce({value}, {{}})", condition), f"Keys of {name} {words}."
        case _:
            pass


def _block_rules(name: str, block: Block) -> Iterator[tuple[str, str]]:
    one, several = entries(name, block)
    item = one.replace(" ", "_")
    value = f"var.{name}" if block.min_items else f"coalesce(var.{name}, [])"
    if block.min_items:
        yield f"length({value}) >= {block.min_items}", f"There must be at least one {one}."
    if block.max_items == 1:
        yield f"length({value}) <= 1", f"There may be at most one {one}."
    if block.limits.max_items is not None:
        yield _size(value, block.limits, several)
    for field, attribute in block.attributes.items():
        if attribute.type == "string":
            reference = f"{item}.{field}"
            conditions = list(_text(reference, attribute))
            if attribute.required and not conditions:
                conditions = [(f"{reference} != null", "must not be null")]
            for condition, words in conditions:
                checked = _required(condition) if attribute.required else condition
                each = f"for {item} in {value} : {_unless_null(attribute, reference, checked)}"
                yield _all(each), f"The {field} of every {one} {words}."
    for role, field, message in _NEEDED_WITH_ROLE:
        if name == "messages" and field in block.attributes:
            needed = f'{item}.role != "{role}" || {item}.{field} != null'
            yield _all(f"for {item} in {value} : {needed}"), message


def _text(value: str, attribute: Attribute) -> Iterator[tuple[str, str]]:
    limits = attribute.limits
    if attribute.sent == "schema":
        condition = f'try(jsondecode({value}).type == "object", false)'
        yield condition, "must be the JSON text of a schema of type object"
    elif attribute.sent in JSON_TEXTS:
        yield f"can(keys(jsondecode({value})))", "must be the JSON text of an object"
    if limits.one_of:
        yield f"contains({json.dumps(limits.one_of)}, {value})", f"must be {listed(limits.one_of)}"
    if limits.pattern:
        words = limits.pattern_in_words or f"text that matches {limits.pattern}"
        yield f"can(regex({json.dumps(f'^{limits.pattern}$')}, {value}))", f"must be {words}"
    if limits.min_length == 1:
        yield f"length({value}) >= 1", "must not be empty"
    elif limits.min_length:
        yield f"length({value}) >= {limits.min_length}", f"must have at least {limits.min_length} characters"
    if limits.max_length is not None:
        yield f"length({value}) <= {limits.max_length}", f"may have up to {limits.max_length} characters"


def _scalar(value: str, line: Attribute) -> Iterator[tuple[str, str]]:
    """Conditions of a number or text that is there, and "must be ..."."""
    return _number(value, line.limits) if "number" in line.type else _text(value, line)


def _number(value: str, limits: Limits) -> Iterator[tuple[str, str]]:
    conditions = []
    if limits.minimum is not None:
        conditions.append(f"{value} >= {limits.minimum:g}")
    if limits.maximum is not None:
        conditions.append(f"{value} <= {limits.maximum:g}")
    if limits.integer:
        conditions.append(f"floor({value}) == {value}")
    if conditions:
        bounds = number_range(limits).replace("at least ", "")
        kind = "a whole number" if limits.integer else ""
        words = f"from {bounds}" if limits.minimum is not None else bounds
        yield " && ".join(conditions), " ".join(filter(None, ("must be", kind, words)))


def _unless_null(attribute: Attribute, value: str, condition: str) -> str:
    return condition if attribute.required else f"{value} == null ? true : {condition}"


def _required(condition: str) -> str:
    """A condition that a null does not fulfil, instead of being an invalid argument of a function."""
    return f"try({condition}, false)" if condition.startswith(("contains(", "length(")) else condition


def _every(item: str, collection: str, condition: str) -> str:
    """A condition of every entry; a null among them does not fulfil it."""
    return _all(f"for {item} in {collection} : try({condition}, false)")


def _all(loop: str) -> str:
    return f"alltrue([{loop}])"


def _size(value: str, limits: Limits, several: str) -> tuple[str, str]:
    return f"length({value}) <= {limits.max_items}", f"There may be up to {limits.max_items} {several}."


def _empty(attribute: Attribute) -> str:
    return "[]" if attribute.type == ("list", "string") else "{}"
