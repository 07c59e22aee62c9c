"""Every host that speaks the API: applied, planned empty and edited, with the fields that it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.provider.loopback import Loopback
from tests.provider.native.managed import Managed, user
from tests.provider.native.native_direct import Direct, told
from tests.provider.native.native_support import ADDRESS, NativeWorkspace, asking
from tests.provider.native.strict_host import KINDS, TAKES_STORE, StrictHost
from tf.gen import tfplugin_pb2 as pb
from tf.utils import to_dynamic_value

from openai_constructs.provider.core.protocol import Servicer
from openai_constructs.provider.native.hosts import takes_store
from openai_constructs.provider.native.provider import NativeProvider
from openai_constructs.schema import NATIVE

Make = Callable[..., Direct]
each = pytest.mark.parametrize("name", KINDS)


def at(direct: Make, api: Loopback, name: str) -> tuple[Managed, StrictHost]:
    """A resource at a host of a kind, whose real address the provider decides by."""
    host = StrictHost(KINDS[name])
    api.rule = host
    headers = {host.kind.key: "the-key"} if host.kind.key != "authorization" else {}
    made = direct(
        api.url,
        api_key="the-key",
        base_url=api.url + host.kind.base,
        headers=headers,
        takes_store=takes_store(host.kind.address),
    )
    return Managed(made), host


@each
def test_a_completion_at_a_host(direct: Make, api: Loopback, name: str) -> None:
    """Applied, planned empty, edited, planned empty and destroyed; `store: false` goes where it is taken."""
    managed, host = at(direct, api, name)
    for prompt in ("one", "two"):
        managed.apply(messages=user(prompt))
        assert (managed.told, managed.content) == ([], f"You said: {prompt}")
        assert managed.is_planned_empty(messages=user(prompt))
        assert managed.is_planned_empty(messages=user(prompt), store=False)
    managed.destroy()
    assert (managed.told, managed.state) == ([], None)
    expected = False if name in TAKES_STORE else "not sent"
    assert [it.get("store", "not sent") for it in host.bodies] == [expected] * 2


@each
def test_a_store_that_the_user_sets_is_sent(direct: Make, api: Loopback, name: str) -> None:
    """To every host: a strict one refuses it in its own words, the others answer."""
    managed, host = at(direct, api, name)
    for store in (False, True):
        managed.apply(store=store, metadata=None)
        if host.kind.refuses is None:
            assert managed.errors == []
            assert [it["store"] for it in host.bodies][-1] is store
        else:
            (detail,) = managed.errors
            assert "store" in detail
            assert managed.state is None


@each
def test_the_address_decides(name: str) -> None:
    """A provider that is configured with the real address sends `store: false` to OpenAI and Azure alone."""
    provider = NativeProvider({"OPENAI_API_KEY": "k"})
    assert configured(provider, KINDS[name].address) is (name in TAKES_STORE)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://API.OpenAI.com/v1", True),
        ("https://r.services.ai.azure.com/openai/v1", True),
        ("https://r.cognitiveservices.azure.com/openai/v1", True),
        ("https://r.openai.azure.us/openai/v1", True),
        ("https://api.openai.com.example.org/v1", False),
        ("https://notapi.openai.com.evil/v1", False),
        ("https://myapi.openai.com/v1", False),
        ("https://gateway.example.org/api.openai.com/v1", False),
        ("https://openai.azure.com.example.org/v1", False),
        ("http://127.0.0.1:4000/v1", False),
    ],
)
def test_addresses_that_look_alike(address: str, expected: bool) -> None:
    """The host counts, and not its path, its letters' case, or another domain that begins or ends like it."""
    assert configured(NativeProvider({"OPENAI_API_KEY": "k"}), address) is expected


def test_no_address_is_openai() -> None:
    """Without an address the provider is at OpenAI, which takes it."""
    assert configured(NativeProvider({"OPENAI_API_KEY": "k"}), None) is True


def test_the_local_world_stands_for_openai() -> None:
    """The emulator of a local run gets the body that OpenAI gets."""
    provider = NativeProvider({"OPENAI_API_KEY": "k", "OPENAI_CONSTRUCTS_LOCAL": "1"})
    assert configured(provider, "http://127.0.0.1:4000/v1") is True


def configured(provider: NativeProvider, base_url: str | None) -> bool:
    """Whether a provider at an address sends `store: false`."""
    block = {**dict.fromkeys(NATIVE.provider.attributes), "base_url": base_url}
    request = pb.ConfigureProvider.Request(config=to_dynamic_value(block))
    assert told(Servicer(provider).ConfigureProvider(request, None)) == []
    return provider.session.api.takes_store


@pytest.mark.terraform
def test_terraform_at_a_strict_host(here: NativeWorkspace, api: Loopback) -> None:
    """Terraform applies, plans nothing and edits at a host that refuses `store`."""
    host = StrictHost(KINDS["Google"])
    api.rule = host
    settings = f'base_url = "{api.url}{host.kind.base}"\n api_key = "the-key"'
    here.good(here.set_up(asking(), settings).apply())
    assert here.plan().code == 0
    here.good(here.again(asking("other"), settings).apply())
    assert here.plan().code == 0
    assert here.state(ADDRESS)["choices"][0]["message"][0]["content"] == "You said: other"
    assert [it["messages"][0]["content"] for it in host.bodies] == ["hi", "other"]
