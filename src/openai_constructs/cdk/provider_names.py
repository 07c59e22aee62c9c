"""The local name of this library's provider, and clashes with other providers of the stack."""

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
    """Note a problem if Terraform does not accept a name. Return whether it does."""
    if isinstance(name, str) and _LOCAL_NAME.fullmatch(name):
        return True
    allowed = "lower-case letters and digits, with single hyphens between them"
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") if isinstance(name, str) else ""
    checks.refuse("local_name", name, allowed, f"Name it {better or 'openai-chat'!r}.")
    return False


@jsii.implements(IValidation)
class NoClash:
    """Validation at synthesis that a local name has one provider, and a provider one local name.

    Args:
        stack: The stack.
        name: Local name of this library's provider.
        source: Source address of this library's provider.
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
            'mixes them up. Set OpenaiProvider(..., local_name="openai-chat").'
        )
    if other_name != name and is_same_source:
        return f"The provider {source} has two local names, {name!r} and {other_name!r}. Use one."
    return None


def _full(source: str) -> str:
    """Return a source address with Terraform's default host if it has none."""
    return (source if source.count("/") > 1 else f"registry.terraform.io/{source}").lower()
