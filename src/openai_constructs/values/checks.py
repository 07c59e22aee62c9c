"""Checks of user input against the schema table. They collect all problems, not only the first."""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Final

from openai_constructs.errors import InvalidInputError, Problem
from openai_constructs.schema import Attribute, Limits
from openai_constructs.schema_types import JSON_TEXTS
from openai_constructs.values.tokens import COLLECTION_TOKEN, has_token, is_token

__all__ = ["Checks", "shown"]


_WRITTEN_OUT: Final = ("messages", "functions", "tools", "tool calls")
"""Lists of blocks, whose number Terraform needs at synthesis."""


class _Repr(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        # Python does not format more than 4,300 digits.
        return repr(x) if x.bit_length() < 200 else f"{'-' if x < 0 else ''}2**{x.bit_length() - 1}..."


_REPR: Final = _Repr()
_REPR.maxstring = _REPR.maxother = 60
_REPR.maxlist = _REPR.maxtuple = _REPR.maxdict = 4

_EXACT: Final = 2**53
_MAX_NESTING: Final = 200
_CDK_OBJECT: Final = r"<(cdktf|cdktn|constructs|jsii)\.[\w.]+ object at 0x[0-9a-f]+>"
_SURROGATE: Final = "[\ud800-\udfff]"
_ODD: Final = re.compile(r"[^\x00-\x7f]|[$%#&]\{|\r|e\+298|<(?:cdk|constructs|jsii)")
"""A pattern of texts that need a closer check, which most texts do not match."""


def shown(value: object) -> str:
    """Return the shortened repr of a value, for an error message."""
    return _REPR.repr(value)


class Checks:
    """A collector of the problems of a construct's arguments.

    Tokens pass all checks, because only Terraform knows their values.

    Attributes:
        problems: The problems, in the order of the checks.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, argument: str, value: object, allowed: str, fix: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(argument, shown(value), allowed, fix))

    def raise_for(self, path: str) -> None:
        """Raise all problems so far as one error.

        Raises:
            InvalidInputError: If there is a problem.
        """
        if self.problems:
            raise InvalidInputError(path, self.problems)

    def attribute(self, argument: str, value: object, attribute: Attribute) -> None:
        """Check an attribute of the schema table; ``None`` passes if the attribute is optional."""
        if value is None and not attribute.required:
            return
        if not isinstance(value, str) and is_token(value):  # `text` looks for tokens itself
            return
        match attribute.type:
            case "string":
                if attribute.sent in JSON_TEXTS:
                    self._json_object(argument, value, attribute.limits)
                else:
                    self.text(argument, value, attribute.limits)
            case "number":
                self.number(argument, value, attribute.limits)
            case "bool":
                self.flag(argument, value)
            case ("list", "string"):
                self._texts(argument, value, attribute.limits)
            case ("map", "string"):
                self._text_map(argument, value, attribute.limits)
            case ("map", "number"):
                self._number_map(argument, value, attribute.limits)
            case other:
                raise NotImplementedError(f"no user sets a value of type {other}")

    def text(self, argument: str, value: object, limits: Limits) -> bool:
        """Check a text. Return whether it is valid."""
        if not isinstance(value, str):
            fix = "For a variable or another construct, pass its string: `variable.string_value`."
            self.refuse(argument, value, "text (str)", fix)
            return False
        is_odd = _ODD.search(value) is not None
        if is_odd and COLLECTION_TOKEN.search(value):
            fix = 'Join it first: `Fn.join(", ", values)`.'
            self.refuse(argument, value, "text without a list or map token in it", fix)
        elif not value.isascii() and re.search(_SURROGATE, value):
            self.refuse(argument, value, "text that UTF-8 can write", "Remove the lone surrogates.")
        elif " object at 0x" in value and re.search(_CDK_OBJECT, value):
            fix = "Put it in as a token: `Token.as_string(it)`."
            self.refuse(argument, value, "text without the address of a CDK object in it", fix)
        elif is_odd and has_token(value):
            return True
        elif limits.one_of and value not in limits.one_of:
            allowed = f"one of {', '.join(limits.one_of)}"
            self.refuse(argument, value, allowed, "Use one of them, in lower case.")
        elif limits.pattern and not re.fullmatch(limits.pattern, value):
            allowed = limits.pattern_in_words or f"text that matches {limits.pattern}"
            self.refuse(argument, value, allowed, "Correct it.")
        elif len(value) < limits.min_length:
            self.refuse(argument, value, "text that is not empty", "Write something, or omit it.")
        elif limits.max_length is not None and len(value) > limits.max_length:
            allowed = f"at most {limits.max_length} characters long; it has {len(value)}"
            self.refuse(argument, value, allowed, "Shorten it.")
        else:
            return True
        return False

    def number(self, argument: str, value: object, limits: Limits) -> None:
        """Check a number."""
        if not is_token(value) and (fix := _fix_of_number(value, limits)):
            self.refuse(argument, value, _allowed_number(limits), fix)

    def flag(self, argument: str, value: object) -> None:
        """Check a bool."""
        if not isinstance(value, bool) and not is_token(value):
            self.refuse(argument, value, "True or False", "Pass a bool, or the value of a bool variable.")

    def size(self, argument: str, value: Sequence[object] | Mapping[str, object], limits: Limits) -> None:
        """Check the number of entries in a list or map."""
        count = len(value)
        if limits.min_items is not None and count < limits.min_items:
            fix = "Omit it instead of passing an empty value." if limits.max_items else "Add at least one."
            self.refuse(argument, value, f"{limits.min_items} or more", fix)
        elif limits.max_items is not None and count > limits.max_items:
            allowed = f"at most {limits.max_items}; there are {count}"
            self.refuse(argument, value, allowed, f"Remove {count - limits.max_items}.")

    def sequence(self, argument: str, value: object, limits: Limits, of: str) -> Sequence[object]:
        """Check that a value is a sequence, and its size. Return it; an empty sequence if it is invalid."""
        if of in _WRITTEN_OUT and (is_token(value) or hasattr(value, "__jsii_type__")):
            allowed = f"a list of {of} that is known at synthesis, with tokens only inside its entries"
            self.refuse(argument, value, allowed, "Build the list in Python, or use plain HCL.")
            return ()
        if isinstance(value, str) and is_token(value):
            self.refuse(argument, value, f"a list of {of}", "Write Token.as_list(...) around it.")
            return ()
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            self.refuse(argument, value, f"a list of {of}", "Put it into a list.")
            return ()
        self.size(argument, value, limits)
        return value

    def mapping(self, argument: str, value: object, limits: Limits, of: str) -> Mapping[str, object]:
        """Check that a value is a mapping with text keys, and its size. Return it, or an empty mapping."""
        if not isinstance(value, Mapping):
            fix = "Pass a dict."
            if isinstance(value, str) and is_token(value):  # of Fn.merge, say
                fix = "Write Token.as_string_map(...) around it, or Token.as_number_map(...)."
            self.refuse(argument, value, f"a dict of {of}", fix)
            return {}
        self.size(argument, value, limits)
        key_limits = Limits(
            max_length=limits.max_key_length,
            pattern=limits.key_pattern,
            pattern_in_words=limits.key_pattern_in_words,
        )
        for key in value:
            self.text(f"{argument} key", key, key_limits)
        return value

    def json_value(  # noqa: C901 - one case per kind of JSON value
        self, argument: str, value: object, depth: int = 0
    ) -> None:
        """Check that a value can be written as JSON, and note each part that cannot."""
        match value:
            case str():
                self.text(argument, value, Limits())
            case bool() | int() | None:
                pass
            case float():
                self.number(argument, value, Limits())
            case _ if is_token(value):
                pass
            case Mapping() | list() | tuple() if depth > _MAX_NESTING:
                allowed = f"nested at most {_MAX_NESTING} levels deep"
                self.refuse(argument[:60], value, allowed, "Flatten it.")
            case Mapping():
                for key, it in value.items():
                    if self.text(f"{argument} key", key, Limits()):
                        self.json_value(f"{argument}.{key}", it, depth + 1)
            case list() | tuple():
                for index, it in enumerate(value):
                    self.json_value(f"{argument}[{index}]", it, depth + 1)
            case _:
                fix = "Use text, numbers, bools, lists and dicts."
                self.refuse(argument, value, "a value that JSON can represent", fix)

    def _json_object(self, argument: str, given: object, limits: Limits) -> None:
        """Check an object, or the JSON text of one."""
        if isinstance(given, Mapping):
            self.json_value(argument, given)
            return
        if not self.text(argument, given, limits) or has_token(text := str(given)):
            return
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            allowed = f"the JSON text of an object; {error}"
            self.refuse(argument, text, allowed, "Write it with jsonencode(...) or json.dumps(...).")
            return
        if not isinstance(value, dict):
            self.refuse(argument, text, "the JSON text of an object", "Put it into an object.")

    def _texts(self, argument: str, value: object, limits: Limits) -> None:
        for index, it in enumerate(self.sequence(argument, value, limits, "texts")):
            self.text(f"{argument}[{index}]", it, limits)

    def _text_map(self, argument: str, value: object, limits: Limits) -> None:
        for key, it in self.mapping(argument, value, limits, "text to text").items():
            self.text(f"{argument}[{shown(key)}]", it, limits)

    def _number_map(self, argument: str, value: object, limits: Limits) -> None:
        for key, it in self.mapping(argument, value, limits, "text to numbers").items():
            self.number(f"{argument}[{shown(key)}]", it, limits)


def _fix_of_number(value: object, limits: Limits) -> str | None:
    """Return the fix for an invalid number; ``None`` if it is valid."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Pass a number."
    if isinstance(value, float) and not math.isfinite(value):
        return "Pass a finite number."
    if limits.integer and not isinstance(value, int):
        return "Pass an int."
    if limits.minimum is not None and value < limits.minimum:
        return f"Increase it to at least {limits.minimum:g}."
    if limits.maximum is not None and value > limits.maximum:
        return f"Reduce it to at most {limits.maximum:g}."
    if abs(value) > _EXACT and isinstance(value, int):
        return "Reduce it: JSON has exact whole numbers only up to 2**53."
    return None


def _allowed_number(limits: Limits) -> str:
    kind = "a whole number" if limits.integer else "a number"
    match limits.minimum, limits.maximum:
        case None, None:
            return kind
        case minimum, None:
            return f"{kind} from {minimum:g}"
        case None, maximum:
            return f"{kind} up to {maximum:g}"
        case minimum, maximum:
            return f"{kind} from {minimum:g} to {maximum:g}"
