"""The packaged Terraform module of an edition, made from the table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from openai_constructs.schema import Attribute, Block, Edition, TerraformType
from tools.validations import validations
from tools.words import sentence

__all__ = ["module_files"]

_HEAD: Final = "# Made from the table in schema.py by `make generate`. Edit the table, not this file.\n\n"
_NOT_IN_MODULE: Final = frozenset({"id", "_imported_resource", "project_id"})

_REQUEST: Final = """\
# The provider plans an edit of a prompt or of the temperature as an update in place, and then refuses to make
# it. A digest of the request, kept beside the completion, turns every edit into a replacement.
#
# Metadata is left out: it labels a stored completion and is no part of the request to the model, and the
# provider itself replaces when it changes. So is imported, which only says where the completion came from.

resource "terraform_data" "request" {
  input = sha256(jsonencode({
%s
  }))
}
"""

_COMPLETION: Final = "openai_chat_completion.this"
_CHOICE: Final = f"{_COMPLETION}.choices[0]"
_MESSAGE: Final = f"{_CHOICE}.message[0]"


def module_files(edition: Edition) -> dict[str, str]:
    """The files of the module, by name. ``versions.tf`` is written by hand."""
    lines = {name: it for name, it in edition.chat_completion.lines.items() if name not in _NOT_IN_MODULE}
    completion = _COMPLETION if edition.is_native else _settled(lines)
    files = {
        "variables.tf": "\n".join(_variable(name, it) for name, it in lines.items()),
        "main.tf": _main(lines, is_native=edition.is_native),
        "outputs.tf": "\n".join(_outputs(completion, is_native=edition.is_native)),
    }
    if not edition.is_native:
        # The native provider sees every edit by itself.
        hashed = [(name, f"var.{name}") for name, it in lines.items() if it.hashed]
        files["request.tf"] = _REQUEST % _indented(_assigned(hashed), 4)
    return {name: _HEAD + text for name, text in files.items()}


def _variable(name: str, line: Attribute | Block) -> str:
    is_required = line.required if isinstance(line, Attribute) else bool(line.min_items)
    presence = ("nullable", "false") if is_required else ("default", "null")
    kind = _type(line)
    parts = [("description", json.dumps(sentence(line)))]
    parts += [presence] if "\n" in kind else [("type", kind), presence]
    body = [_assigned(parts)]
    if "\n" in kind:
        body.append(f"type = {kind}")
    body += [
        f"validation {{\n{_indented(_assigned([('condition', condition), ('error_message', message)]))}\n}}"
        for condition, message in validations(name, line)
    ]
    return f'variable "{name}" {{\n{_indented(_paragraphs(body))}\n}}\n'


def _type(line: Attribute | Block) -> str:
    if isinstance(line, Attribute):
        return _attribute_type(line.type)
    fields: dict[str, Attribute | Block] = {**line.attributes, **line.blocks}
    inner = _assigned((name, _field(it)) for name, it in fields.items())
    made = f"object({{\n{_indented(inner)}\n}})"
    return made if line.single else f"list({made})"


def _field(line: Attribute | Block) -> str:
    is_required = line.required if isinstance(line, Attribute) else bool(line.min_items)
    return _type(line) if is_required else f"optional({_type(line)})"


def _attribute_type(kind: TerraformType) -> str:
    match kind:
        case str():
            return kind
        case (collection, inner):
            return f"{collection}({_attribute_type(inner)})"
    raise TypeError(f"no variable has the type {kind!r}")


def _main(lines: dict[str, Attribute | Block], *, is_native: bool) -> str:
    attributes = {name: it for name, it in lines.items() if isinstance(it, Attribute) and name != "model"}
    body = ["model = var.model"]
    body += [_dynamic(name, it, f"var.{name}") for name, it in lines.items() if isinstance(it, Block)]
    for native in (False, True):
        group = [(name, f"var.{name}") for name, it in attributes.items() if it.native is native]
        body += [_assigned(group)] if group else []
    if not is_native:
        body.append("lifecycle {\n  replace_triggered_by = [terraform_data.request]\n}")
    return f'resource "openai_chat_completion" "this" {{\n{_indented(_paragraphs(body))}\n}}\n'


def _dynamic(name: str, block: Block, value: str) -> str:
    optional = f"{value}[*]" if block.single else f"coalesce({value}, [])"
    each = value if block.min_items else optional
    content = [_assigned((it, f"{name}.value.{it}") for it in block.attributes)]
    content += [_dynamic(it, inner, f"{name}.value.{it}") for it, inner in block.blocks.items()]
    body = [f"for_each = {each}", f"content {{\n{_indented(_paragraphs(content))}\n}}"]
    return f'dynamic "{name}" {{\n{_indented(_paragraphs(body))}\n}}'


def _settled(lines: dict[str, Attribute | Block]) -> str:
    """The whole resource, with "" for each null text of a block: the provider reads it back as that."""
    replaced = []
    for name, block in lines.items():
        if not isinstance(block, Block):
            continue
        texts = [field for field, it in block.attributes.items() if it.type == "string" and not it.required]
        item = name.removesuffix("s")
        fields = ", ".join(f'{it} = {item}.{it} == null ? "" : {item}.{it}' for it in texts)
        replaced.append(
            f"{name} = [\n  for {item} in {_COMPLETION}.{name} :\n  merge({item}, {{ {fields} }})\n]"
        )
    reason = (
        "# The provider reads a null text of a block back as an empty one; an output must not change by that."
    )
    body = _indented(_paragraphs(replaced))
    return f"merge({_COMPLETION}, {{\n  {reason}\n{body}\n}})"


def _outputs(completion: str, *, is_native: bool) -> Iterator[str]:
    call = (f"{_MESSAGE}.function_call[0]", f"{_MESSAGE}.tool_calls[0].function[0]")[: 2 if is_native else 1]
    ends = "stop, length, tool_calls, function_call" if is_native else "stop, length, function_call"
    callee = "function or tool" if is_native else "function"
    yield _output("completion", "The whole resource, request and answer.", completion)
    yield _output("id", "Id of the completion, as the API gave it.", f"{_COMPLETION}.id")
    yield _output("created", "Time of the answer, in seconds since 1970-01-01 UTC.", f"{_COMPLETION}.created")
    yield _output("model", "The model that was requested.", f"{_COMPLETION}.model")
    yield _output(
        "choices", "Every answer, with its index and the reason it ended.", f"{_COMPLETION}.choices"
    )
    yield _output(
        "usage", "Tokens spent: prompt_tokens, completion_tokens and total_tokens.", f"{_COMPLETION}.usage"
    )
    yield _output(
        "content", "Text of the first answer; empty if there is none.", _first(f"{_MESSAGE}.content", '""')
    )
    yield _output(
        "function_call",
        "The call in the first answer, as a list of at most one name and arguments.",
        _first(f"{_MESSAGE}.function_call", "[]"),
    )
    yield _output(
        "finish_reason",
        f"Why the first answer ended: {ends} or content_filter.",
        _first(f"{_CHOICE}.finish_reason", "null"),
    )
    yield _output(
        "function_name",
        f"Name of the {callee} the first answer calls; null if it calls none.",
        _first(*(f"{it}.name" for it in call), "null"),
    )
    yield _output(
        "function_arguments",
        "Arguments of that call, as the JSON text the model wrote; null if it calls none.",
        _first(*(f"{it}.arguments" for it in call), "null"),
    )
    if is_native:
        yield _output(
            "tool_calls",
            "The tool calls in the first answer.",
            _first(f"coalesce({_MESSAGE}.tool_calls, [])", "[]"),
        )
        yield _output(
            "refusal", "The model's refusal; null if it answered.", _first(f"{_MESSAGE}.refusal", "null")
        )
        yield _output("model_used", "The model that answered.", f"{_COMPLETION}.model_used")


def _output(name: str, description: str, value: str) -> str:
    if "\n" in value:
        body = _paragraphs([f"description = {json.dumps(description)}", f"value = {value}"])
    else:
        body = _assigned([("description", json.dumps(description)), ("value", value)])
    return f'output "{name}" {{\n{_indented(body)}\n}}\n'


def _first(*expressions: str) -> str:
    if len(expressions) == 2:
        return f"try({', '.join(expressions)})"
    inner = "\n".join(f"  {it}," for it in expressions)
    return f"try(\n{inner}\n)"


def _assigned(pairs: Iterable[tuple[str, str]]) -> str:
    """Assignments as ``terraform fmt`` writes them: aligned, but for those of several lines."""
    made: list[str] = []
    group: list[tuple[str, str]] = []
    for name, value in pairs:
        if "\n" in value:
            made += [*_aligned(group), f"{name} = {value}"]
            group = []
        else:
            group.append((name, value))
    return "\n".join([*made, *_aligned(group)])


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"{name:{width}} = {value}" for name, value in pairs]


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(parts)


def _indented(text: str, by: int = 2) -> str:
    return "\n".join(f"{' ' * by}{line}" if line else line for line in text.split("\n"))
