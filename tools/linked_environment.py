"""Make a virtual environment out of the packages of this one, without copying or downloading any.

Each package is a symbolic link to the one installed here. A package that is left out is not installed there:
it can neither be imported nor found in the metadata.

    python tools/linked_environment.py .venv-cdktn --without cdktf
"""

from __future__ import annotations

import argparse
import shutil
import sysconfig
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

_SCRIPT = """#!{python}
import sys

from {module} import {name}

sys.exit({name}{attributes}())
"""


def link(folder: Path, packages: Iterable[Distribution]) -> None:
    """Create the environment, or replace the one that is in the folder.

    Args:
        folder: Of the new environment.
        packages: Installed ones, which the new environment gets too, with their commands.
    """
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, symlinks=True)
    paths = sysconfig.get_paths("venv", {"base": str(folder), "platbase": str(folder)})
    for package in packages:
        for top in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            place = Path(paths["purelib"], top)
            if not place.is_symlink():  # two packages may share a folder, as google has many
                place.symlink_to(Path(str(package.locate_file(top))).resolve())
        for command in package.entry_points.select(group="console_scripts"):
            module, _, function = command.value.partition(":")
            name, dot, attributes = function.partition(".")
            script = Path(paths["scripts"], command.name)
            script.write_text(
                _SCRIPT.format(
                    python=Path(paths["scripts"], "python"),
                    module=module,
                    name=name,
                    attributes=dot + attributes,
                )
            )
            script.chmod(0o755)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", nargs="*", default=[], metavar="PACKAGE")
    arguments = parser.parse_args()
    kept = [it for it in distributions() if it.name not in arguments.without]
    link(arguments.folder.absolute(), kept)


if __name__ == "__main__":
    main()
