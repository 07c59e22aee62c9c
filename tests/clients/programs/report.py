"""Run the four exercises of a client for each model, and print the results as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

QUESTION = "Where is Oslo?"
WEATHER = "What is the weather in Oslo?"
EXTRACT = "Extract the city: Oslo has 700000 inhabitants."


def report(**exercises: Callable[[str], Any]) -> None:
    """Call each exercise with each model id of the command line."""
    results = {model: {name: run(model) for name, run in exercises.items()} for model in sys.argv[1:]}
    print(json.dumps(results))
