from __future__ import annotations

import pytest
from tests.provider.native.native_support import ADDRESS, HEAD, NativeWorkspace, asking
from tests.support import HEAD as COMPAT_HEAD

from openai_constructs.provider import ADDRESSES, NATIVE_ADDRESS
from openai_constructs.schema import COMPAT, NATIVE

CONFIGURATION = """
resource "openai_chat_completion" "a" {
  model = "gpt-4o"
  messages {
    role    = "user"
    content = "hi"
  }
  functions {
    name       = "f"
    parameters = jsonencode({ type = "object", properties = {} })
  }
  temperature = 0.7
  stop        = ["x"]
  store       = true
  metadata    = { suite = "smoke" }
}
""" + asking(name="b")


@pytest.mark.terraform
def test_a_state_of_either_edition_is_read_by_the_other(here: NativeWorkspace) -> None:
    """Made by compat, continued by native, and back again: every plan is empty, nothing is asked."""
    here.write(COMPAT_HEAD + CONFIGURATION)
    here.init()
    here.good(here.apply())
    assert here.plan().code == 0
    for source, target, head in (
        (ADDRESSES[0], NATIVE_ADDRESS, HEAD.replace("SETTINGS", "")),
        (NATIVE_ADDRESS, ADDRESSES[0], COMPAT_HEAD),
    ):
        here.write(head + CONFIGURATION)
        here.good(here.run("state", "replace-provider", "-auto-approve", source, target))
        here.init()
        assert here.plan().code == 0, here.plan().text
        here.good(here.apply())
        assert here.state(ADDRESS)["choices"][0]["finish_reason"]
    assert len([it for it in here.asked if it.startswith("POST")]) == 2


@pytest.mark.terraform
def test_a_native_state_is_read_by_compat(here: NativeWorkspace) -> None:
    """Made by native, with all that both know: compat plans nothing, and native neither afterwards."""
    here.good(here.set_up(CONFIGURATION).apply())
    for source, target, head in (
        (NATIVE_ADDRESS, ADDRESSES[0], COMPAT_HEAD),
        (ADDRESSES[0], NATIVE_ADDRESS, HEAD.replace("SETTINGS", "")),
    ):
        here.write(head + CONFIGURATION)
        here.good(here.run("state", "replace-provider", "-auto-approve", source, target))
        here.init()
        assert here.plan().code == 0, here.plan().text
        here.good(here.apply())


def test_the_native_edition_has_everything() -> None:
    """Under the same name and type; what is not the public provider's is marked, and only there."""
    blocks = [(COMPAT.provider, NATIVE.provider), (COMPAT.chat_completion, NATIVE.chat_completion)]
    blocks += [(it, NATIVE.data_sources[name]) for name, it in COMPAT.data_sources.items()]
    for compat, native in blocks:
        assert compat.attributes.keys() == {name for name, it in native.attributes.items() if not it.native}
        assert compat.blocks.keys() == {name for name, it in native.blocks.items() if not it.native}
        assert {name: it.default for name, it in compat.attributes.items()} == {
            name: it.default for name, it in native.attributes.items() if not it.native
        }
