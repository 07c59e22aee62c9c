"""The results as tables, as JSON and as a plot."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["show", "write"]


def show(results: dict[str, Any]) -> None:
    """Print every table."""
    console = Console(width=110)
    console.print(f"load when it began: {results['load'][0]:.1f}\n")
    for table in (
        _imports(results["imports"]),
        *(_constructs(count, rounds) for count, rounds in results["rounds"].items()),
        _phases(results["phases"]),
        _peaks(results["peaks"]),
        _verdicts(results["verdicts"]),
    ):
        console.print(table)


def write(results: dict[str, Any], folder: Path) -> None:
    """Write ``constructs.json`` and ``constructs.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "constructs.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    _plot(results, folder / "constructs.png")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _imports(rounds: list[dict[str, float]]) -> Table:
    table = _table("Import, whole process", "", "ms", "over bare Python")
    for name in rounds[0]:
        over = median(it[name] - it["bare Python"] for it in rounds)
        table.add_row(name, f"{median(it[name] for it in rounds) * 1000:.0f}", f"{over * 1000:.0f}")
    return table


def _constructs(count: int, rounds: list[dict[str, Any]]) -> Table:
    table = _table(
        f"N = {count:,}",
        "ms each",
        "create",
        "synth",
        "both",
        "CPU of both",
        "requests to Node",
        "at app.synth()",
    )
    for name in rounds[0]:
        create, synth = (
            median(it[name][part] for it in rounds) / count * 1000 for part in ("create", "synth")
        )
        figures = rounds[0][name]
        sent = [str(figures.get(it, "-")) for it in ("requests", "synth requests")]
        used = median(it[name].get("cpu", 0) + it[name].get("synth cpu", 0) for it in rounds) / count * 1000
        table.add_row(name, f"{create:.3f}", f"{synth:.3f}", f"{create + synth:.3f}", f"{used:.3f}", *sent)
    return table


def _phases(phases: dict[str, dict[str, float]]) -> Table:
    names = list(dict.fromkeys(phase for it in phases.values() for phase in it))
    table = _table("Where it goes, ms each", "", *names)
    for name, parts in phases.items():
        table.add_row(name, *(f"{parts.get(phase, 0):.3f}" for phase in names))
    return table


def _peaks(peaks: dict[str, dict[str, float]]) -> Table:
    table = _table("Peak memory at the largest N, MB", "", "Python", "Node")
    for name, it in peaks.items():
        table.add_row(name, *(f"{it[part]:.0f}" if part in it else "-" for part in ("python", "node")))
    return table


def _verdicts(verdicts: list[tuple[str, float, float]]) -> Table:
    table = _table("Promised", "", "measured", "at most", "")
    for name, measured, most in verdicts:
        table.add_row(name, f"{measured:.2f}", f"{most:.2f}", "met" if measured <= most else "NOT MET")
    return table


def _plot(results: dict[str, Any], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 6))
    for name in min(results["rounds"].items())[1][0]:
        each = {
            size: median(it[name]["create"] + it[name]["synth"] for it in rounds) / size * 1000
            for size, rounds in sorted(results["rounds"].items())
            if name in rounds[0]
        }
        axes.plot(list(each), list(each.values()), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="constructs in the app", ylabel="ms each, create + synth")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=150, bbox_inches="tight")
