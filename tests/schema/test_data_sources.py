"""Each data source of the table is served and has a binding; one that is forgotten fails here."""

from __future__ import annotations

from typing import Any

import pytest

import openai_constructs
from openai_constructs import schema
from openai_constructs.cdk.bindings.base import DataSource
from openai_constructs.provider.compat.provider import CompatProvider
from openai_constructs.provider.native.provider import NativeProvider


@pytest.mark.parametrize(
    ("provider", "edition"), [(CompatProvider, schema.COMPAT), (NativeProvider, schema.NATIVE)]
)
def test_every_data_source_of_the_table_is_served(provider: type[Any], edition: schema.Edition) -> None:
    """Under its name, with the block of the table."""
    assert {it.name: it.table for it in provider().get_data_sources()} == edition.data_sources


def test_every_data_source_of_the_table_has_a_binding() -> None:
    """A public class for each, with the block of the table."""
    public = [getattr(openai_constructs, name) for name in openai_constructs.__all__]
    bindings = [it for it in public if isinstance(it, type) and issubclass(it, DataSource)]
    found = {it.TF_RESOURCE_TYPE.removeprefix("openai_"): it.BLOCK for it in bindings}
    assert found == schema.COMPAT.data_sources
