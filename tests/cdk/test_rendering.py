"""Rendered arguments are independent of the given ones."""

from __future__ import annotations

from openai_constructs.cdk.text import render


def test_given_arguments_are_copied() -> None:
    """A list that its owner changes later is no longer the request's."""
    stop = ["a"]
    rendered = render({"model": "m", "stop": stop})
    stop.append("b")
    assert rendered.rendered == rendered.original == {"model": "m", "stop": ["a"]}
