"""Reading Terraform's texts back: the inverse of how they are written, references told from literals."""

from __future__ import annotations

import copy
import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_constructs.cdk.text import literal
from openai_constructs.testing import Text, reference
from openai_constructs.testing.text import read_text, read_tree

PIECES = [*'$%{}"\\\r\n\ufeffa', "${", "%{", "$${", "${x}", '${"$"}']
TOKEN = "${TfToken[TOKEN.7]}"


@given(st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8")).map("".join))
def test_every_literal_comes_back(text: str) -> None:
    """Whatever is written as literal text is read as that text, and has no references."""
    read = read_text(literal(text))
    assert read == unicodedata.normalize("NFC", text)
    assert not isinstance(read, Text)


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=2, max_size=4))
def test_references_stay_where_they_are(pieces: list[str]) -> None:
    """Between literal pieces, each token is a reference."""
    read = read_text(literal(TOKEN.join(pieces)))
    wanted: str = pieces[0]
    for it in pieces[1:]:
        wanted = wanted + reference("TfToken[TOKEN.7]") + it
    assert read == wanted


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a ${var.x} b", "a " + reference("var.x") + " b"),
        ('${upper("}")}', reference('upper("}")')),
        ('${f("${g("}")}")}!', reference('f("${g("}")}")') + "!"),
        ('${f("\\"}")}', reference('f("\\"}")')),
        ("${{a = {}}}", reference("{a = {}}")),
        ('${f("$${x")}', reference('f("$${x")')),
        ('${"\\u00e9\\U0001f600\\t\\\\"}', "é\U0001f600\t\\"),
        ("a\rb ${x}", "a\rb ${x}"),
        ("${never closed", reference("never close")[:-1] + "d"),
    ],
)
def test_expressions(written: str, read: str) -> None:
    """An expression ends where its own brace is closed; a quoted literal is text; a CR ends all reading."""
    if written == "${never closed":
        assert str(read_text(written)) == written
    else:
        assert read_text(written) == read


def test_a_reference_is_no_literal() -> None:
    """They look alike and are never equal, hash alike as their text, and survive copies."""
    text = "in " + reference("var.region")
    assert isinstance(text, Text)
    assert str(text) == "in ${var.region}"
    assert text != "in ${var.region}"
    assert text != "in ${var.region}"
    assert text.parts == ("in ", "${var.region}")
    assert text.references == ("${var.region}",)
    assert text == Text("in ") + reference("var.region")
    assert Text("in") == "in"
    assert repr(text) == "'in ' + reference('var.region')"
    assert len({text, "in " + reference("var.region")}) == 1
    assert copy.deepcopy(text) == pickle.loads(pickle.dumps(text)) == text


def test_trees() -> None:
    """Texts are read at every depth, in keys too; other values stay."""
    tree = {"$${k}": ["%%{v}", {"n": 1, "r": "${var.x}"}, None]}
    assert read_tree(tree) == {"${k}": ["%{v}", {"n": 1, "r": reference("var.x")}, None]}
