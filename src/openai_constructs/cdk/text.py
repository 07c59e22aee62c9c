"""Escape literal text so that Terraform reads it back unchanged.

The engines do not escape: ``${1+1}`` in a prompt would arrive as ``2``. Here every text is literal, tokens of
other constructs still work in it, and only ``raw`` adds an expression to it.

Replacing ``${`` by ``$${`` is not enough:

- a ``$`` right before a token would turn the token's own ``${`` into an escape;
- the engine counts ``${`` and ``}`` to tell whether a token stands inside an expression, escapes included;
- a bare CR makes Terraform read the rest of the text without escapes or expressions;
- a byte order mark at the start is dropped.

In these cases the characters are written as a quoted expression: ``${"$"}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, Final, NamedTuple

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import as_text
from openai_constructs.schema import NATIVE
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import NUMBER_TOKEN_IN_TEXT, TEXT_TOKEN, has_token, is_token

__all__ = ["Rendered", "json_text", "literal", "literal_tree", "raw", "render", "with_json_texts"]

_SPECIAL: Final = re.compile(r"[$%\r]*[#&](?=\{TfToken\[)|[$%\r]+|\A\ufeff")
_MAY_BE_SPECIAL: Final = re.compile("[$%#&\r\ufeff]")
"""A pattern that matches in every text in which `_SPECIAL` matches, and is several times faster."""

_MOST_EXPRESSIONS: Final = 8
"""Maximum number of quoted expressions in a piece of text; with more, the whole piece becomes one."""

_UNQUOTABLE: Final = re.compile(r'["\\{}$%\x00-\x1f\x7f\ufeff]')
_QUOTABLE: Final = str.maketrans({"\r": "\\r", "\ufeff": "\\ufeff"})


def literal(text: str) -> str:
    """Escape a text for Terraform JSON so that it arrives unchanged, except for resolved tokens."""
    if _MAY_BE_SPECIAL.search(text) is None:
        return text
    beside_token = has_token(text)
    return "".join(
        _escape(piece, beside_token=beside_token, before_token=bool(token)) + token
        for piece, token in _pieces(text)
    )


def _quote_whole(piece: str) -> str:
    """Return a piece as one quoted expression, with Unicode escapes for all special characters."""
    quoted = _UNQUOTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", piece)
    return f'${{"{quoted}"}}'


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the literal pieces of a text, each with the token after it; the last piece has none."""
    start = 0
    for token in TEXT_TOKEN.finditer(text):
        yield text[start : token.start()], token.group()
        start = token.end()
    yield text[start:], ""


def _escape(piece: str, *, beside_token: bool, before_token: bool) -> str:
    """Escape a piece of text without tokens."""

    def escape(match: re.Match[str]) -> str:
        run, after = match.group(), piece[match.end() : match.end() + 9]
        marks_token = after == "{TfToken["
        if after.startswith("{") and not marks_token and (run == "%" or (run == "$" and not beside_token)):
            return run * 2
        plain = "\r" not in run and run != "\ufeff" and not after.startswith("{")
        if plain and not (before_token and not after):
            return run
        return f'${{"{run.translate(_QUOTABLE)}"}}'

    escaped = _SPECIAL.sub(escape, piece)
    # The engine's time is quadratic in the number of expressions of a text.
    return _quote_whole(piece) if escaped.count('${"') > _MOST_EXPRESSIONS else escaped


def _each_text(change: Callable[[str], str], value: Any) -> Any:
    """Change every text in lists and dicts, including keys; tokens stay unchanged."""
    match value:
        case str():
            return change(value)
        case bool() | int() | None:
            return value
        case _ if is_token(value):
            # When the engine merges arguments, it copies Python objects without their methods.
            is_python_object = getattr(value, "__jsii_type__", "") is None
            return cdk.Token.as_string(value) if is_python_object else value
        case dict() | Mapping():  # isinstance of the abstract class takes several times longer
            return {change(key): _each_text(change, entry) for key, entry in value.items()}
        case list() | Sequence():
            return [_each_text(change, entry) for entry in value]
        case _:
            return value


def literal_tree(value: Any) -> Any:
    """Escape every text in lists and dicts, including keys; other values stay unchanged."""
    return _each_text(literal, value)


def _with_text_tokens(value: Any) -> Any:
    """Return a copy of a value, with number tokens in texts replaced by string tokens.

    An f-string formats a number token as digits. The engine recognizes them, but not next to other digits,
    dots or signs.
    """
    return _each_text(_text_with_text_tokens, value)


def _text_with_text_tokens(text: str) -> str:
    return NUMBER_TOKEN_IN_TEXT.sub(_as_text_token, text) if "e+298" in text else text


def _as_text_token(match: re.Match[str]) -> str:
    token = cdk.Tokenization.reverse_number(float(match.group()))
    return match.group() if token is None else cdk.Token.as_string(token)


_JSON_PARTS: Final = NATIVE.chat_completion.json_parts
"""Blocks with a part that is JSON text in Terraform and may be a dict in Python."""

_JSON_ARGUMENTS: Final = NATIVE.chat_completion.json_arguments
"""Arguments that are JSON texts in Terraform and may be dicts in Python."""


class Rendered(NamedTuple):
    """Checked arguments of a block, before and after their conversion to Terraform JSON.

    Attributes:
        original: A copy of the arguments, with number tokens in texts replaced by string tokens.
        rendered: The arguments as Terraform JSON.
    """

    original: dict[str, Any]
    rendered: dict[str, Any]


def render(arguments: Mapping[str, Any]) -> Rendered:
    """Convert checked arguments of a block to Terraform JSON."""
    original = _with_text_tokens(arguments)
    return Rendered(original, literal_tree(with_json_texts(original)))


def with_json_texts(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with JSON texts in place of dicts, as the provider expects them."""
    made = dict(arguments)
    for name in _JSON_PARTS.keys() & made.keys():
        made[name] = [_with_json(it, _JSON_PARTS[name]) for it in made[name]]
    for name in _JSON_ARGUMENTS & made.keys():
        made[name] = json_text(made[name])
    return made


def _with_json(block: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return a block with one part as JSON text."""
    return {**block, part: json_text(block[part])} if part in block else dict(block)


def json_text(value: Mapping[str, object] | str) -> str:
    """Return a dict as unescaped JSON text. Terraform encodes the values of its tokens as JSON.

    A text must already be JSON, and is returned unchanged.
    """
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    match value:
        case str():
            return _json_string(value)
        case _ if is_token(value):
            return cdk.Token.as_string(cdk.Fn.jsonencode(value))
        case Mapping():
            return f"{{{','.join(f'{_json_string(key)}:{_json(it)}' for key, it in value.items())}}}"
        case Sequence():
            return f"[{','.join(map(_json, value))}]"
        case _:
            return json.dumps(value)


def _json_string(text: str) -> str:
    inner = "".join(
        json.dumps(piece, ensure_ascii=False)[1:-1] + _encoded(token) for piece, token in _pieces(text)
    )
    return f'"{inner}"'


def _encoded(token: str) -> str:
    """Return the value of a text token, escaped for a JSON string."""
    if not token:
        return ""
    encoded = cdk.Token.as_string(cdk.Fn.jsonencode(token))
    return cdk.Fn.trimsuffix(cdk.Fn.trimprefix(encoded, _quote()), _quote())


@cache
def _quote() -> str:
    return cdk.Fn.raw_string('"')


def raw(expression: str) -> str:
    """Return a Terraform expression as a token, for use in any text: ``f"Region: {raw('${var.region}')}"``.

    Everything else in a text is literal. References to constructs are already tokens and do not need ``raw``.

    Args:
        expression: One Terraform expression with its braces, ``${...}``.

    Raises:
        InvalidInputError: If the text is not exactly one expression. Put other text around the token.
    """
    checks = Checks()
    if not isinstance(expression, str) or not _is_one_expression(expression):
        fix = "Write one expression with its braces, and text around it: f\"in {raw('${var.region}')}\"."
        checks.refuse("expression", expression, "one ${...}", fix)
    checks.raise_for("raw")
    return as_text(expression[2:-1])


def _is_one_expression(text: str) -> bool:
    """Whether the last character closes the first brace of ``${...}``, not counting quoted braces."""
    if not (text.startswith("${") and text.endswith("}") and text[2:-1].strip()):
        return False
    bare = re.sub(r'"(\\.|[^"\\])*"', "", text[2:-1])
    depths = list(accumulate({"{": 1, "}": -1}.get(it, 0) for it in bare))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)
