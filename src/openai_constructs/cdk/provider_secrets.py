"""Checks of secrets in a provider's settings. A literal secret is rejected: the JSON would contain it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from openai_constructs.cdk.engine import cdk
from openai_constructs.values.checks import Checks
from openai_constructs.values.settings import HIDDEN, looks_like_secret
from openai_constructs.values.tokens import has_token, is_token

__all__ = ["check_archive", "check_secret", "unwrapped"]


def check_archive(checks: Checks, value: object) -> object:
    """Check the URL of an archive and return it, a variable as a token.

    A literal with a password is rejected, and the error does not show it.
    """
    # Imported here, because few stacks use an archive.
    from openai_constructs.archive.address import EXAMPLES, parse_address, passwords
    from openai_constructs.errors import ArchiveError

    if isinstance(value, cdk.TerraformVariable):
        return value.string_value
    if not isinstance(value, str) or is_token(value):
        return value
    try:
        secrets = passwords(value)
    except ValueError:
        secrets = (value,)
    if any(not has_token(secret) for secret in secrets):
        allowed = "a URL without a literal password: it would end up in the JSON"
        fix = 'Declare TerraformVariable(self, "...", type="string", sensitive=True) and give that.'
        checks.refuse("archive", HIDDEN, allowed, fix)
        return None
    if not has_token(value):
        try:
            parse_address(value, Path("/"))
        except ArchiveError:
            allowed = "the URL of an SQLite file or a PostgreSQL database"
            checks.refuse("archive", value, allowed, f"Write it as {EXAMPLES}.")
    return value


def check_secret(checks: Checks, stack: cdk.TerraformStack, argument: str, value: object) -> str | None:
    """Check a key and return it as a token. Any other value is rejected, and the error never shows it."""
    fix = 'Declare TerraformVariable(self, "...", type="string", sensitive=True) and give that.'
    if isinstance(value, cdk.TerraformVariable):
        if not value.sensitive or value.default:
            allowed = "a variable with sensitive=True and no default"
            checks.refuse(argument, HIDDEN, allowed, "Declare it so; a default would end up in the JSON.")
        return value.string_value
    if value is None or (isinstance(value, str) and is_token(value) and not _hides_a_key(stack, value)):
        return value
    checks.refuse(
        argument, HIDDEN, "a sensitive variable or a token: a literal would end up in the JSON", fix
    )
    return None


def unwrapped(stack: cdk.TerraformStack, value: Any) -> Any:
    """Return a value, or the literal text behind a token without an expression."""
    if isinstance(value, str) and has_token(value):
        resolved = _resolved(stack, value)
        if isinstance(resolved, str) and "${" not in resolved:
            return resolved
    return value


def _hides_a_key(stack: cdk.TerraformStack, token: str) -> bool:
    """Return whether a token resolves to a literal key: no expression at all, or one around a key."""
    resolved = _resolved(stack, token)
    if not isinstance(resolved, str) or "${" not in resolved:
        return True
    return looks_like_secret(resolved) or re.search(r"\bsk-", resolved) is not None


def _resolved(stack: cdk.TerraformStack, token: str) -> Any:
    # As Any, because the engine's class and its interface name the same parameters differently.
    resolver: Any = cdk.DefaultTokenResolver(cdk.StringConcat())
    return cdk.Tokenization.resolve(token, scope=stack, resolver=resolver, preparing=False)
