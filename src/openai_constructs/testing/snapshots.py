"""Snapshots of stacks: readable JSON that changes only if the apply would change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from syrupy.extensions.json import JSONSnapshotExtension

from openai_constructs.testing.template import Template

__all__ = ["FORMAT", "TerraformSnapshot"]

FORMAT: Final = 1
"""Version of the format of snapshots."""

_ASSET_HASH: Final = re.compile(r"(?<=\bassets/)([^/\s]+/)[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")
_WRITTEN_FORMAT: Final = re.compile(r'^  "format": (\d+)', re.MULTILINE)


class TerraformSnapshot(JSONSnapshotExtension):
    """One JSON file per snapshot of an app, a stack, a template, or any JSON value.

    It omits details that do not affect the apply: hashes of assets, the engine's comments, version and
    layout, and the path of the default backend. Snapshots of apps and stacks include the tree of
    constructs with the names of their Python classes.
    """

    def serialize(self, data: Any, **filters: Any) -> Any:
        """Return the text of a snapshot."""
        return super().serialize(_scrubbed(_snapshot_of(data)), **filters)

    def diff_lines(self, serialized_data: Any, snapshot_data: Any) -> Iterator[str]:
        """Return the difference, after a note if a change of format explains it."""
        before, now = _WRITTEN_FORMAT.search(str(snapshot_data)), _WRITTEN_FORMAT.search(str(serialized_data))
        if now and snapshot_data and (not before or before[1] != now[1]):
            found = f"format {before[1]}" if before else "no format of this kit"
            yield (
                f"The snapshot has {found}, and this release writes format {now[1]}. "
                "Rewrite it with `pytest --snapshot-update`, and review the changes."
            )
        yield from super().diff_lines(serialized_data, snapshot_data)


def _snapshot_of(data: Any) -> Any:
    if isinstance(data, Template):
        return {"format": FORMAT, "terraform": data.to_json()}
    if data is None or isinstance(data, str | int | float | bool | list | tuple | Mapping):
        return data
    from openai_constructs.testing.synthesis import app_of

    if (app := app_of(data)) is data:
        stacks = {name: it.to_json() for name, it in Template.from_app(app).items()}
        return {"format": FORMAT, "constructs": _children(app), "stacks": stacks}
    terraform = Template.from_stack(data).to_json()
    return {"format": FORMAT, "constructs": _children(data), "terraform": terraform}


def _children(construct: Any) -> dict[str, Any]:
    """Return the tree below a construct as ``"id (Class)"``; assets without the engine's own parts."""
    from openai_constructs.cdk.engine import cdk

    return {
        f"{it.node.id} ({type(it).__name__})": {} if isinstance(it, cdk.TerraformAsset) else _children(it)
        for it in construct.node.children
        if not (isinstance(it, cdk.LocalBackend) and it.node.id == "backend")
    }


def _scrubbed(value: Any) -> Any:
    """Return the value without hashes of assets; JSON texts are parsed, so their layout does not count."""
    return json.loads(_ASSET_HASH.sub(r"\1HASH", json.dumps(value, sort_keys=True)))
