"""Text: every string arrives as it was written, whatever stands in it, and tokens in it are resolved."""

from __future__ import annotations

import itertools
import json
import random
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine import NAME, Fn, TerraformOutput, TerraformStack, TerraformVariable, Token
from tests.support import Workspace, sized, template

from openai_constructs import Function, InvalidInputError, Message, StoredCompletion, raw
from openai_constructs.cdk.text import json_text, literal, literal_tree

PIECES = [
    *(
        "$",
        "%",
        "{",
        "}",
        '"',
        "\\",
        "\r",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\x1b",
        "\x7f",
        " ",
        "a",
        "é",
        "~",
        "/*",
        "#",
        "//",
    ),
    *(
        "${",
        "%{",
        "$${",
        "%%{",
        "$$",
        "%%",
        "${a}",
        "%{if x}",
        "${1+1}",
        "~}",
        '${"x"}',
        "<<EOT",
        "\u2028",
        "\ufeff",
        "e\u0301",
    ),
    *(
        "\U0001f600",
        "\U0010ffff",
        "\ufffe",
        "#{TfToken[x]}",
        "&{TfToken[",
        "${TfToken[a b]}",
        "1e5",
        "-1.5e+300",
        "null",
    ),
]
TOKEN = "${TfToken[TOKEN.7]}"


def read_back(text: str, token: str = "") -> str:
    """A text as Terraform reads it: an independent, small reader of template syntax."""

    def read(match: re.Match[str]) -> str:
        if match["escape"]:
            return match["escape"][1:]
        if match["quoted"] is not None:
            text = re.sub(r"\\r", "\r", match["quoted"])
            return re.sub(r"\\u([0-9a-f]{4})", lambda it: chr(int(it[1], 16)), text)
        assert match["token"], f"an expression is left in {text!r}"
        return token

    assert "\r" not in text
    assert not text.startswith("\ufeff")
    pattern = (
        r'(?P<escape>\$\$\{|%%\{)|(?P<token>\$\{TfToken\[TOKEN\.7\]\})|\$\{"(?P<quoted>[^"{]*)"\}|[$%]\{'
    )
    return re.sub(pattern, read, text)


@given(st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8")).map("".join))
def test_any_text_reads_back(text: str) -> None:
    """Whatever the text, Terraform's template syntax gives it back."""
    assert read_back(literal(text)) == text


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=2, max_size=4))
def test_any_text_around_tokens_reads_back(pieces: list[str]) -> None:
    """The same before, between and after tokens."""
    assert read_back(literal(TOKEN.join(pieces)), "VALUE") == "VALUE".join(pieces)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain $5 at 100%", "plain $5 at 100%"),
        ("${x} %{y}", "$${x} %%{y}"),
        ("$${x}", '${"$$"}{x}'),
        (f"cost: ${TOKEN}", f'cost: ${{"$"}}{TOKEN}'),
        (f"${{x}} {TOKEN}", f'${{"$"}}{{x}} {TOKEN}'),
        ("a\r\nb", 'a${"\\r"}\nb'),
        ("\ufeffa\ufeff", '${"\\ufeff"}a\ufeff'),
        ("${TfToken[x]}", '${"$"}{TfToken[x]}'),
    ],
)
def test_how_text_is_written(text: str, written: str) -> None:
    """What a reader of the JSON sees: the common escapes where they will do, quoted characters where not."""
    assert literal(text) == written


def test_trees_are_escaped_whole() -> None:
    """Keys and values at every depth are text; tokens and numbers are left alone."""
    tree = {"${k}": ["${v}", {"n": 1, "t": (TOKEN, None, True)}], "list": ["#{TfToken[TOKEN.1]}"]}
    assert literal_tree(tree) == {
        "$${k}": ["$${v}", {"n": 1, "t": [TOKEN, None, True]}],
        "list": ["#{TfToken[TOKEN.1]}"],
    }


def test_raw_is_the_only_expression(stack: TerraformStack) -> None:
    """raw() puts an expression into text that is literal otherwise."""
    TerraformOutput(stack, "it", value=literal(f"${{a}} {raw('${upper(var.x)}')}"))
    assert template(stack).outputs["it"] == '${"$"}{a} ${upper(var.x)}'


@pytest.mark.parametrize(
    "expression",
    ["", "var.x", "${}", "${var.x} more", "${a}${b}", "${a", "%{if x}a%{endif}", "${a}}", "${}{}", 5, None],
)
def test_raw_is_one_expression(expression: Any) -> None:
    """Forgotten braces, and text beside the expression, are found at once."""
    with pytest.raises(InvalidInputError, match=r"raw: expression = .*: must be one \$\{\.\.\.\}"):
        raw(expression)


@pytest.mark.parametrize(
    "expression",
    ["${var.x}", '${upper("}")}', '${{for k, v in var.m : k => "${v}}"}}', "${[for x in var.l : x]}"],
)
def test_raw_may_have_braces_inside(expression: str) -> None:
    """Braces and quotes of the expression itself are no end of it."""
    assert raw(expression).startswith("${TfToken[")


@pytest.mark.terraform
def test_raw_works_in_every_place(stack: TerraformStack, terraform: Workspace) -> None:
    """An expression stands in a prompt, in the hash of a stored completion, and in function parameters."""
    TerraformVariable(stack, "region", default='eu"1')
    region = raw("${upper(var.region)}")
    schema = {"type": "object", "description": f"in {region}", "all": [region]}
    StoredCompletion(
        stack, "it", model="m", prompt=f"${{x}} {region}", functions=[Function("f", "F", schema)]
    )
    made = template(stack).to_json()
    terraform.write(
        {
            "variable": made["variable"],
            "resource": {"terraform_data": made["resource"]["terraform_data"]},
            "locals": {"it": {**made["resource"]["openai_chat_completion"]["it"], "lifecycle": None}},
            "output": {"it": {"value": "${local.it}"}},
        }
    )
    assert terraform.init().apply().code == 0
    got = terraform.outputs()["it"]
    assert got["messages"][0]["content"] == '${x} EU"1'
    assert json.loads(got["functions"][0]["parameters"])["description"] == 'in EU"1'


def evil(generator: random.Random, tokens: list[str]) -> str:
    """A text of up to 12 pieces, tokens among them, in any order."""
    pieces = PIECES + tokens * 8
    return "".join(generator.choices(pieces, k=generator.randrange(1, 13)))


def as_text(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_text(it) for key, it in value.items()}
        case list():
            return [as_text(it) for it in value]
        case _:
            return str(value)


@pytest.mark.terraform
@pytest.mark.proof
@pytest.mark.parametrize("seed", range(sized(5 if NAME == "cdktf" else 1, 1)))
def test_adversarial_texts_come_back(
    stack: TerraformStack, terraform: Workspace, seed: int, record_property: Callable[[str, object], None]
) -> None:
    """Texts in every argument that takes one pass through engine and Terraform unchanged.

    `make test` takes 2,000 of them.
    """
    completions = sized(40, 4)
    generator = random.Random(20_000 + seed)
    values = {"one": 'v"${x}%{y}\\\r\n$', "two": "$"}
    tokens = {TerraformVariable(stack, name, default=it).string_value: it for name, it in values.items()}
    # As an f-string writes it: digits, which must be told from those around them.
    tokens[f"{TerraformVariable(stack, 'number', type='number', default=2.5).number_value}"] = "2.5"
    counted = 0

    def texts(number: int) -> list[str]:
        nonlocal counted
        counted += number
        return [evil(generator, list(tokens)) for _ in range(number)]

    def expected(value: Any) -> Any:
        match value:
            case str():
                for token, it in tokens.items():
                    value = value.replace(token, it)
                return unicodedata.normalize("NFC", value)
            case dict():
                return {expected(key): expected(it) for key, it in value.items()}
            case _:
                return [expected(it) for it in value]

    wanted: dict[str, Any] = {}
    for index in range(completions):
        metadata = {
            f"{number}{key[:60]}": it
            for number, (key, it) in enumerate(zip(texts(16), texts(16), strict=True))
        }
        schema = {
            "type": "object",
            "properties": {name: {"description": it} for name, it in zip("abcdefgh", texts(8), strict=True)},
            "list": texts(8),
        }
        contents, descriptions, stop = texts(440), texts(8), texts(4)
        StoredCompletion(
            stack,
            f"it{index}",
            model="m",
            messages=[Message.user(text) for text in contents],
            functions=[Function(f"f{number}", text, schema) for number, text in enumerate(descriptions)],
            metadata=metadata,
            stop=stop,
        )
        wanted[f"it{index}"] = expected([contents, descriptions, stop, metadata, schema])

    made = template(stack).to_json()
    blocks = made["resource"]["openai_chat_completion"]
    # Evaluated as plain values: no provider is needed, and the expressions are the same.
    terraform.write(
        {
            "variable": made["variable"],
            "locals": {name: {**it, "lifecycle": None} for name, it in blocks.items()},
            "output": {name: {"value": f"${{local.{name}}}"} for name in blocks},
        }
    )
    assert terraform.init().apply().code == 0
    got = {
        name: [
            [message["content"] for message in it["messages"]],
            [function["description"] for function in it["functions"]],
            it["stop"],
            it["metadata"],
            json.loads(it["functions"][0]["parameters"]),
        ]
        for name, it in terraform.outputs().items()
    }
    # A text that is one number and nothing else stays a number until a schema asks for text.
    assert as_text(got) == wanted
    assert counted == 500 * completions
    record_property("hostile texts through the engine and Terraform", counted)


@pytest.mark.terraform
def test_every_short_text_comes_back(terraform: Workspace) -> None:
    """All texts of up to 4 special characters and tokens, through Terraform itself."""
    alphabet = [*'$%{}"\\\r\na', TOKEN]
    texts = ["".join(it) for length in range(1, 5) for it in itertools.product(alphabet, repeat=length)]
    written = [literal(text).replace(TOKEN, "${local.token}") for text in texts]
    terraform.write(
        {"locals": {"token": "T", "texts": written}, "output": {"texts": {"value": "${local.texts}"}}}
    )
    assert terraform.init().apply().code == 0
    assert terraform.outputs()["texts"] == [text.replace(TOKEN, "T") for text in texts]


@pytest.mark.terraform
def test_long_texts_of_special_characters_come_back(terraform: Workspace) -> None:
    """Beside a token, a text with many special characters is one expression, and comes back unchanged."""
    lines = ["line\r\n", "$", '${x} %{y} "z" \\n {{}}\r', "\t\x01\u00e9\U0001f600#{TfToken[a", "%\r", "$$${"]
    texts = [line * 20 for line in lines] + ["".join(lines) * 20]
    written = [literal(f"{TOKEN}{text}{TOKEN}{text}").replace(TOKEN, "${local.token}") for text in texts]
    assert all(text.count('${"') <= 20 for text in written)
    terraform.write(
        {"locals": {"token": "T", "texts": written}, "output": {"texts": {"value": "${local.texts}"}}}
    )
    assert terraform.init().apply().code == 0
    assert terraform.outputs()["texts"] == [f"T{text}T{text}" for text in texts]


@pytest.mark.terraform
def test_json_with_tokens_is_json(stack: TerraformStack, terraform: Workspace) -> None:
    """What tokens stand for is encoded as JSON, in texts, keys, lists, maps and numbers."""
    evil_text = 'q"\\\n${x}<'
    text = TerraformVariable(stack, "text", default=evil_text).string_value
    number = TerraformVariable(stack, "number", type="number", default=2.5).number_value
    words = TerraformVariable(stack, "words", type="list(string)", default=["a", evil_text]).list_value
    schema = {
        "type": "object",
        "enum": words,
        "maximum": number,
        "map": Token.as_string_map(Fn.merge([{"a": "b"}])),
        "description": f'say "{text}" ${text}}} and {text}',
        text: [1, None, True, 0.5],
    }
    TerraformOutput(stack, "it", value=literal(json_text(schema)))
    terraform.write(template(stack).to_json())
    assert terraform.init().apply().code == 0
    assert json.loads(terraform.outputs()["it"]) == {
        "type": "object",
        "enum": ["a", evil_text],
        "maximum": 2.5,
        "map": {"a": "b"},
        "description": f'say "{evil_text}" ${evil_text}}} and {evil_text}',
        evil_text: [1, None, True, 0.5],
    }
