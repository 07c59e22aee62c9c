"""Real applies, offline: the terraform binary, an embedded provider, an emulator of the API."""

from typing import Any

import pytest
from stacks import STYLE

from openai_constructs.errors import LocalError
from openai_constructs.testing import LocalApply


def test_dev(dev: Any, local_apply: LocalApply) -> None:
    applied = local_apply(dev, variables={"release": "2.0"}, replies=[{"answer": "Faster."}])
    assert applied.outputs == {"release_notes": "Faster."}
    assert applied.second_plan == {}
    (request,) = applied.requests
    assert [it["content"] for it in request["body"]["messages"]] == [
        STYLE,
        "Write the notes of release 2.0.",
    ]


def test_a_new_release_is_asked_anew(prod: Any, local_apply: LocalApply) -> None:
    first = local_apply(prod)
    assert [it["method"] for it in first.requests] == ["POST", "GET"]
    second = local_apply(prod, variables={"release": "2.0"})
    assert second.changes["openai_chat_completion.notes"] == "replace"
    assert second.second_plan == {}


def test_an_apply_that_fails_can_be_repeated(dev: Any, local_apply: LocalApply) -> None:
    with pytest.raises(LocalError, match=r"dev/notes .*Rate limit"):
        local_apply(dev, fail="429:1.0")
    assert local_apply(dev).second_plan == {}
