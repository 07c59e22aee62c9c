"""The local name of our provider, and other providers of the stack that it must not clash with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import jsii
from constructs import IValidation

from openai_constructs.cdk.engine import cdk
from openai_constructs.values.checks import Checks

__all__ = ["NoClash", "check_local_name", "clashes"]

_LOCAL_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_local_name(checks: Checks, name: object) -> bool:
    """Note a name that Terraform does not take; whether it is one."""
    if isinstance(name, str) and _LOCAL_NAME.fullmatch(name):
        return True
    allowed = "lower-case letters and digits, with single hyphens between them, as Terraform wants it"
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") if isinstance(name, str) else ""
    checks.refuse("local_name", name, allowed, f"Name it {better or 'openai-chat'!r}.")
    return False


@jsii.implements(IValidation)
class NoClash:
    """Found at synthesis: another provider under the name of ours, or ours under another name.

    Args:
        stack: The stack.
        name: The local name of our provider.
        source: Its source.
    """

    def __init__(self, stack: cdk.TerraformStack, name: str, source: str) -> None:
        self._stack, self._name, self._source = stack, name, source

    def validate(self) -> list[str]:
        """Return the clashes of names."""
        return [
            problem
            for it in self._stack.all_providers()
            if (problem := _clash(self._name, self._source, it)) is not None
        ]


def clashes(stack: cdk.TerraformStack, name: str, source: str) -> Iterable[str]:
    """Yield the clashes with the existing providers of the stack."""
    return NoClash(stack, name, source).validate()


def _clash(name: str, source: str, other: Any) -> str | None:
    """Return the problem with another provider in the same stack."""
    other_name, other_source = other.terraform_resource_type, other.terraform_provider_source
    is_same_source = _full(source) == _full(other_source or f"hashicorp/{other_name}")
    if other_name == name and not is_same_source:
        return (
            f"The providers {source} and {other_source} have the same local name, {name!r}, so Terraform "
            'takes one for the other. Give OpenaiProvider(..., local_name="openai-chat").'
        )
    if other_name != name and is_same_source:
        return f"The provider {source} has two local names, {name!r} and {other_name!r}. Give it one."
    return None


def _full(source: str) -> str:
    """A source with the host that Terraform adds where there is none."""
    return (source if source.count("/") > 1 else f"registry.terraform.io/{source}").lower()
