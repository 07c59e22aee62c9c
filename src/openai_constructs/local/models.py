"""``openai-constructs models``: the models of a project, their shutdown dates, and where they are used."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from openai_constructs.local.project import Project, Stack
from openai_constructs.values.models import shutdown_date, successor

__all__ = ["ModelUse", "models", "models_of"]

_HEADER: Final = ("model", "shutdown", "successor", "used by")


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that stacks use.

    Attributes:
        model: Id of the model, or an expression that only Terraform can resolve.
        used_by: Stack and address of each chat that uses the model, including as a fallback.
    """

    model: str
    used_by: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the model as JSON, for scripts."""
        day = shutdown_date(self.model)
        return {
            "model": self.model,
            "shutdown_date": None if day is None else day.isoformat(),
            "successor": successor(self.model),
            "used_by": self.used_by,
        }

    def rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table, one per chat."""
        first = (self.model, str(shutdown_date(self.model) or "-"), successor(self.model) or "-")
        return [(*(first if number == 0 else ("",) * 3), it) for number, it in enumerate(self.used_by)]


def models_of(stacks: Sequence[Stack]) -> list[ModelUse]:
    """Return the models of synthesized stacks, by shutdown date."""
    from openai_constructs.testing.blocks import MODULE, RESOURCE, blocks
    from openai_constructs.testing.chat import chats_in
    from openai_constructs.testing.template import read_files

    uses: dict[str, ModelUse] = {}
    for stack in stacks:
        written = json.loads((stack.folder / "cdk.tf.json").read_bytes())
        found = [*blocks(MODULE, written), *blocks(RESOURCE, written)]
        for address, chat in chats_in(found, written, read_files(written, stack.folder)).items():
            fallbacks = chat.parameters.get("fallback_models")
            names = [chat.model, *(fallbacks if isinstance(fallbacks, list) else [])]
            for model in dict.fromkeys(map(str, names)):
                uses.setdefault(model, ModelUse(model)).used_by.append(f"{stack.name}/{address}")
    return sorted(uses.values(), key=lambda it: (str(shutdown_date(it.model) or "no date"), it.model))


@click.command()
@click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Folder with a cdktf.json, or below it.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
def models(folder: Path, is_json: bool) -> None:
    """List the models of all stacks, and when they shut down.

    The list includes the successor of each model and the chats that use it. The dates are OpenAI's
    announcements as of this release.
    """
    project = Project.found_above(folder.absolute())
    with tempfile.TemporaryDirectory() as out, project.synthesizing(Path(out) / "synthesized") as wait:
        uses = models_of(wait())
    if is_json:
        click.echo(json.dumps([it.as_json() for it in uses], indent=2))
    elif not uses:
        click.echo("The stacks use no models.")
    else:
        rows = [_HEADER, *(row for it in uses for row in it.rows())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            line = "  ".join(it.ljust(width) for it, width in zip(row, widths, strict=True))
            click.echo(line.rstrip())
