"""A table that contradicts itself is refused, before anything is made from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tools.contradictions import contradictions

from openai_constructs.schema import COMPAT, NATIVE, Attribute, Block, Limits

FINE = Attribute("string", "Text", optional=True, sent="value", native=True)


def found(line: Attribute | Block) -> list[str]:
    block = NATIVE.chat_completion
    if isinstance(line, Block):
        block = replace(block, blocks={**block.blocks, "odd": line})
    else:
        block = replace(block, attributes={**block.attributes, "odd": line})
    prefix = "terraform.local/openai-constructs/openai chat_completion.odd"
    return [it.removeprefix(prefix) for it in contradictions(NATIVE._replace(chat_completion=block))]


def test_the_table_agrees_with_itself() -> None:
    """There is no contradiction in either edition."""
    assert contradictions(COMPAT, NATIVE) == []
    assert found(FINE) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (FINE._replace(description=""), "settable, but has no description"),
        (FINE._replace(optional=False), "neither required, optional nor computed"),
        (FINE._replace(optional=False, computed=True), "can be neither sent, hashed nor echoed"),
        (FINE._replace(required=True), "required, so it can be neither optional"),
        (FINE._replace(sent=None, echoed="odd"), "echoed, but not sent"),
        (FINE._replace(sent="schema", echoed="odd"), "no import can read the encoding 'schema'"),
        (FINE._replace(replaces=True), "no public provider replaces when it changes"),
        (FINE._replace(sent="json", type="number"), "the encoding 'json' is one of texts"),
        (FINE._replace(sent="flag"), "the encoding 'flag' is one of bools"),
        (FINE._replace(sent="tools"), "the encoding 'tools' does not fit its kind"),
        (FINE._replace(natively={"type": "number"}), "native only, so natively has nothing to differ from"),
        (FINE._replace(native=False, natively={"typ": 1}), "natively has unknown fields: typ"),
        (FINE._replace(limits=Limits(minimum=0)), "limits: minimum cannot limit a string"),
        (FINE._replace(accepts=Limits(max_items=1)), "accepts: max_items cannot limit a string"),
        (FINE._replace(type="bool", limits=Limits(one_of=("a",))), "one_of cannot limit a bool"),
        (FINE._replace(limits=Limits(min_length=3, max_length=2)), "min_length is above max_length"),
        (FINE._replace(limits=Limits(one_of=("a",), known=("b",))), "known has nothing to add"),
        (
            FINE._replace(limits=Limits(one_of=("a",)), default="b"),
            "the default 'b' is outside of its limits",
        ),
        (
            FINE._replace(type="number", limits=Limits(minimum=2, maximum=1)),
            "minimum is above maximum",
        ),
        (
            FINE._replace(type="number", limits=Limits(minimum=1), default=0),
            "the default 0 is outside of its limits",
        ),
        (Block(description="Odd", attributes={}, min_items=2, max_items=1), "min_items is above max_items"),
        (Block(description="Odd", attributes={}, single=True), "single, but may be written several times"),
        (Block(description="Odd", attributes={}, sent="value"), "the encoding 'value' does not fit its kind"),
        (
            Block(description="Odd", attributes={"inner": FINE._replace(hashed=True)}),
            "its block says whether it is hashed, echoed or replaces",
        ),
    ],
)
def test_a_contradiction_is_told(line: Attribute | Block, problem: str) -> None:
    """With the edition, the line and the two things that cannot both be true."""
    assert any(problem in it for it in found(line)), found(line)
