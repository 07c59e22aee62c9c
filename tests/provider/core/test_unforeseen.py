"""An exception that nobody foresaw is a diagnostic, in every call of both editions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tf.gen import tfplugin_pb2 as pb
from tf.utils import to_dynamic_value

from openai_constructs.provider.core import protocol
from openai_constructs.provider.core.protocol import Servicer
from openai_constructs.provider.editions import provider_of

NAME = "openai_chat_completion"
EMPTY = to_dynamic_value({})
REQUESTS: dict[str, Any] = {
    "GetProviderSchema": pb.GetProviderSchema.Request(),
    "ValidateProviderConfig": pb.ValidateProviderConfig.Request(config=EMPTY),
    "ValidateResourceConfig": pb.ValidateResourceConfig.Request(type_name=NAME, config=EMPTY),
    "ValidateDataResourceConfig": pb.ValidateDataResourceConfig.Request(type_name=NAME, config=EMPTY),
    "ConfigureProvider": pb.ConfigureProvider.Request(config=EMPTY),
    "UpgradeResourceState": pb.UpgradeResourceState.Request(
        type_name=NAME, raw_state=pb.RawState(json=json.dumps({}).encode())
    ),
    "ReadResource": pb.ReadResource.Request(type_name=NAME, current_state=EMPTY),
    "PlanResourceChange": pb.PlanResourceChange.Request(
        type_name=NAME, prior_state=EMPTY, proposed_new_state=EMPTY, config=EMPTY
    ),
    "ApplyResourceChange": pb.ApplyResourceChange.Request(
        type_name=NAME, prior_state=EMPTY, planned_state=EMPTY, config=EMPTY, planned_private=b'{"a": 1}'
    ),
    "ImportResourceState": pb.ImportResourceState.Request(type_name=NAME, id="c"),
    "ReadDataSource": pb.ReadDataSource.Request(type_name=NAME, config=EMPTY),
}


def broken(*_: object, **__: object) -> Any:
    raise KeyError("bug")


class Broken:
    """A resource or data source that fails whatever it is asked."""

    def __init__(self, table: Any) -> None:
        self.table = table

    validate = read = plan_change = apply_change = import_ = staticmethod(broken)


@pytest.mark.parametrize("edition", ["compat", "native"])
@pytest.mark.parametrize("call", REQUESTS)
def test_every_call(
    edition: str, call: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what was done, to what, the exception and the place; the log has the traceback."""
    provider = provider_of(edition)
    resource = Broken(provider.resource().table)
    for name in ("new_resource", "new_data_source"):
        monkeypatch.setattr(provider, name, lambda _: resource)
    monkeypatch.setattr(provider, "resource", lambda: resource)
    for name in ("get_provider_schema", "validate_config", "configure_provider"):
        monkeypatch.setattr(provider, name, broken)
    if call == "UpgradeResourceState":
        monkeypatch.setattr(protocol, "decode", broken)
    answer = getattr(Servicer(provider), call)(REQUESTS[call], None)
    (diagnostic,) = answer.diagnostics
    assert (diagnostic.severity, diagnostic.summary) == (
        pb.Diagnostic.ERROR,
        "Unexpected error in the provider",
    )
    assert "KeyError: 'bug'" in diagnostic.detail
    assert "test_unforeseen.py" in diagnostic.detail
    is_about_one = bool(getattr(REQUESTS[call], "type_name", ""))
    assert (NAME if is_about_one else "the provider block") in diagnostic.detail
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("edition", ["compat", "native"])
def test_no_diagnostic_has_the_key(
    edition: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is said, by the API or by an exception, the key is masked in it, and in the log."""
    key = "MARKED0123456789abcdef"
    provider = provider_of(edition)
    table = provider.edition.provider  # type: ignore[attr-defined]
    block = {**dict.fromkeys(table.attributes), "api_key": key}
    servicer = Servicer(provider)
    servicer.ConfigureProvider(pb.ConfigureProvider.Request(config=to_dynamic_value(block)), None)

    def say(*_: object) -> Any:
        raise ValueError(f"Incorrect API key provided: {key}")

    monkeypatch.setattr(provider, "validate_config", say)
    answer = servicer.ValidateProviderConfig(REQUESTS["ValidateProviderConfig"], None)
    assert "Incorrect API key provided: (secret)" in answer.diagnostics[0].detail
    assert key not in f"{answer}{capsys.readouterr()}"


@pytest.mark.parametrize("edition", ["compat", "native"])
def test_what_was_there_stays(edition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed change leaves the prior state, and the private data, as they were."""
    provider = provider_of(edition)
    resource = Broken(provider.resource().table)
    monkeypatch.setattr(provider, "resource", lambda: resource)
    prior = to_dynamic_value({"model": "m", "id": "c"})
    request = pb.ApplyResourceChange.Request(
        type_name=NAME, prior_state=prior, planned_state=prior, config=EMPTY, planned_private=b'{"a": 1}'
    )
    answer = Servicer(provider).ApplyResourceChange(request, None)
    assert b"\xa2id\xa1c" in answer.new_state.msgpack
    assert answer.private == b'{"a": 1}'


@pytest.mark.parametrize(
    "private", [b"", b'{"schema_version":"0"}', b"no JSON", b"[1]", b'{"a": "\xc3\xa9"}']
)
def test_private_data_of_others_pass_through(private: bytes) -> None:
    """A refresh and a plan without changes hand back what another provider has left, byte for byte."""
    servicer = Servicer(provider_of("native"))
    table = provider_of("native").resource().table
    state: dict[str, Any] = {**dict.fromkeys(table.attributes), **{name: [] for name in table.blocks}}
    state |= {"model": "m", "id": "c", "store": False}
    wire = to_dynamic_value(state)
    request = pb.ReadResource.Request(type_name=NAME, current_state=wire, private=private)
    answer = servicer.ReadResource(request, None)
    assert (answer.private, answer.new_state) == (private, wire)
    planned = servicer.PlanResourceChange(
        pb.PlanResourceChange.Request(
            type_name=NAME, prior_state=wire, proposed_new_state=wire, config=wire, prior_private=private
        ),
        None,
    )
    assert planned.planned_private == private


def test_a_destruction_is_planned() -> None:
    """Terraform asks for a plan of it only where the provider says so, and would hand over private data."""
    schema = Servicer(provider_of("native")).GetProviderSchema(pb.GetProviderSchema.Request(), None)
    assert schema.server_capabilities.plan_destroy
    request = pb.PlanResourceChange.Request(
        type_name=NAME,
        prior_state=EMPTY,
        proposed_new_state=pb.DynamicValue(msgpack=b"\xc0"),
        prior_private=b'{"paid": {}}',
    )
    assert Servicer(provider_of("native")).PlanResourceChange(request, None).planned_private == b""
