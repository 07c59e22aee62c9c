"""The provider block: keys never written, releases that work, other sources."""

from __future__ import annotations

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from tests.engine import Annotations, Fn, TerraformStack, TerraformVariable, Token
from tests.support import template, warnings_of

from openai_constructs import BasicChat, InvalidInputError, Message, MultiTurnChat, OpenaiProvider, raw
from openai_constructs.cdk.provider import OpenaiProvider as Home


def test_the_public_name_is_the_class() -> None:
    """The package's name and the module's are one class."""
    assert OpenaiProvider is Home


def test_the_least_provider(stack: TerraformStack) -> None:
    """Without arguments the block is empty, and the stack requires a release that works."""
    OpenaiProvider(stack, "openai")
    assert template(stack).to_json() == {
        "provider": {"openai": [{}]},
        "terraform": {
            "required_providers": {"openai": {"source": "mkdev-me/openai", "version": ">= 1.1.0, < 2.0.0"}}
        },
    }


def test_every_argument_is_written(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """Every argument stands in the block; keys only as references; a second configuration has its alias."""
    key = TerraformVariable(stack, "key", type="string", sensitive=True)
    OpenaiProvider(
        stack,
        "openai",
        api_key=key,
        admin_key=key.string_value,
        organization="org-${x}",
        api_url="https://gateway.example/v1",
        timeout=60,
    )
    eu = OpenaiProvider(stack, "eu", alias="eu", api_url="https://eu.example")
    assert eu.alias == "eu"
    BasicChat(stack, "it", model="m", prompt="p", provider=eu)
    assert template(stack) == terraform_snapshot


def test_the_alias_can_be_set_later(stack: TerraformStack) -> None:
    """As on generated providers, the alias is a property."""
    provider = OpenaiProvider(stack, "openai")
    provider.alias = "late"
    assert template(stack).find_providers("openai") == {"late": {"alias": "late"}}


@pytest.mark.parametrize(
    "version",
    [">= 2.0", "~> 2.1", "2.2.7", "= 2.0.0", "> 2.0, < 3", ">= 1.0, ~> 2", ">= 2.0.0-rc1", "v2.0.0"],
)
def test_releases_that_cannot_work_are_refused(stack: TerraformStack, version: str) -> None:
    """A constraint that admits only 2.x is refused, with the reason."""
    for source in ("mkdev-me/openai", "registry.terraform.io/mkdev-me/openai", "Mkdev-Me/OpenAI"):
        with pytest.raises(InvalidInputError) as error:
            OpenaiProvider(stack, "openai", version=version, source=source)
        assert "on every 2.x release openai_chat_completion fails before its first request" in str(
            error.value
        )


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        (">= 1.1.0, < 2.0.0", False),
        ("1.2.0", False),
        ("~> 1.2", False),
        ("<= 1.9.9", False),
        ("< 2", False),
        (">= 1.1.0", True),
        (">= 1.0, < 2.5", True),
        ("> 1.0, != 2.0.0", True),
        ("<= 2.0.0", True),
    ],
)
def test_releases_that_may_not_work_are_warned_of(stack: TerraformStack, version: str, warned: bool) -> None:
    """A constraint that lets Terraform pick 2.x is taken with a warning."""
    OpenaiProvider(stack, "openai", version=version)
    assert [
        it.startswith(f"version = {version!r} lets Terraform pick a 2.x") for it in warnings_of(stack)
    ] == [True] * warned


def test_another_source_has_its_own_releases(stack: TerraformStack) -> None:
    """What is wrong with the public provider's releases says nothing of another's."""
    OpenaiProvider(stack, "openai", source="corp.example:8443/team/openai", version=">= 5")
    assert warnings_of(stack) == []


@pytest.mark.parametrize(
    "given",
    [
        {"version": "latest"},
        {"version": ""},
        {"version": 1},
        {"version": ">= 1.0; < 2"},
        {"source": "openai"},
        {"source": 'a/b"'},
        {"timeout": 0},
        {"timeout": "60"},
        {"timeout": 1.5},
        {"api_url": 5},
        {"organization": ["x"]},
    ],
)
def test_bad_arguments_are_refused(stack: TerraformStack, given: dict[str, Any]) -> None:
    """Each argument is checked, and named."""
    with pytest.raises(InvalidInputError) as error:
        OpenaiProvider(stack, "openai", **given)
    assert [it.argument for it in error.value.problems] == list(given)


def test_one_source_a_stack(stack: TerraformStack) -> None:
    """Terraform has one source for a provider, so two constructs cannot name two."""
    OpenaiProvider(stack, "openai")
    with pytest.raises(
        InvalidInputError, match="source and version = 'a/openai >= 1': must be mkdev-me/openai >= "
    ):
        OpenaiProvider(stack, "other", alias="other", source="a/openai", version=">= 1")


def test_chats_settle_the_provider(stack: TerraformStack) -> None:
    """A provider made after the chats cannot be another than the one they use."""
    MultiTurnChat(stack, "it", model="m", messages=[Message.user("p")])
    OpenaiProvider(stack, "openai")
    with pytest.raises(InvalidInputError, match="create the first one before the chats"):
        OpenaiProvider(stack, "other", alias="other", version="1.2.0")


def test_nothing_but_references_of_a_key(stack: TerraformStack) -> None:
    """The whole synthesized text has no trace of a key."""
    key = TerraformVariable(stack, "key", type="string", sensitive=True)
    OpenaiProvider(stack, "openai", api_key=key)
    Annotations.of(stack).add_info("x")
    assert "${var.key}" in str(template(stack).to_json())


def test_aliases_are_names_of_their_own(stack: TerraformStack) -> None:
    """Two configurations need two aliases, each one that Terraform takes."""
    OpenaiProvider(stack, "openai")
    with pytest.raises(
        InvalidInputError, match="alias = None: must be different from the aliases of the stack's other"
    ):
        OpenaiProvider(stack, "other")
    for alias in ("a b", 5, ""):
        with pytest.raises(InvalidInputError, match="alias = .*: must be a Terraform identifier"):
            OpenaiProvider(stack, "other", alias=alias)  # type: ignore[arg-type]


def test_a_token_that_hides_a_key_is_refused(stack: TerraformStack) -> None:
    """A literal inside a function, or behind a token, would stand in the JSON as well."""
    for bad in (Fn.sensitive("sk-live-123"), Token.as_string(Token.as_any("live-123")), raw('${"sk-live"}')):
        with pytest.raises(InvalidInputError, match=r"api_key = \(hidden\)"):
            OpenaiProvider(stack, "openai", api_key=Token.as_string(bad))
    keys = TerraformVariable(stack, "keys", type="map(string)", sensitive=True)
    OpenaiProvider(stack, "openai", api_key=Fn.lookup(keys.value, "prod"))


def test_a_number_in_the_address(stack: TerraformStack) -> None:
    """A number token stands in a text of the provider as in any other, whatever is beside it."""
    port = TerraformVariable(stack, "port", type="number").number_value
    OpenaiProvider(stack, "openai", api_url=f"http://10.0.0.{port}.example:{port}")
    url = "http://10.0.0.${var.port}.example:${var.port}"
    assert template(stack).find_providers("openai") == {"default": {"api_url": url}}
