"""``provider "openai"``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from constructs import Construct

from openai_constructs.cdk.bindings.base import Number
from openai_constructs.cdk.context import IDENTIFIER, ConstructContext
from openai_constructs.cdk.creation import RendersArguments, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.provider_names import NoClash, check_local_name, clashes
from openai_constructs.cdk.provider_secrets import check_archive, check_secret, unwrapped
from openai_constructs.cdk.requirements import (
    NATIVE_VERSION,
    PUBLIC_SOURCE,
    PUBLIC_VERSION,
    check_requirement,
    warning_of_2,
)
from openai_constructs.cdk.scopes import OWN_NAME
from openai_constructs.cdk.text import render
from openai_constructs.schema import COMPAT, NATIVE
from openai_constructs.values.budget import Budget
from openai_constructs.values.checks import Checks
from openai_constructs.values.settings import HIDDEN, check_header, check_id, check_url
from openai_constructs.values.tokens import is_token

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import Variable

__all__ = ["OpenaiProvider"]


class OpenaiProvider(RendersArguments, cdk.TerraformProvider):
    """``provider "openai"``, and what the stack requires of it.

    Make it before the chats of the same stack: they use the provider it names.

    Source: provider block of mkdev-me/openai 1.2.0.
    """

    TF_RESOURCE_TYPE: Final = "openai"

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        api_key: str | Variable | None = None,
        admin_key: str | Variable | None = None,
        organization: str | None = None,
        api_url: str | None = None,
        timeout: Number | None = None,
        alias: str | None = None,
        native: bool = False,
        base_url: str | None = None,
        project: str | None = None,
        max_retries: Number | None = None,
        headers: Mapping[str, str] | None = None,
        archive: str | Variable | None = None,
        archive_prompts: bool | None = None,
        budget: Budget | None = None,
        local_name: str = OWN_NAME,
        shutdown_warning_days: Number | None = None,
        source: str | None = None,
        version: str | None = None,
    ) -> None:
        """Configure the provider of the stack.

        Args:
            scope: The stack.
            id_: Id of the construct; it does not appear in the JSON's addresses.
            api_key: A sensitive variable or a token; never a literal, which would be written into the JSON.
                Left out, the provider reads ``OPENAI_API_KEY``.
            admin_key: The same for the administration key; left out, ``OPENAI_ADMIN_KEY``.
            organization: Organization id; left out, ``OPENAI_ORGANIZATION``.
            api_url: Base URL, with or without ``/v1``; left out, ``OPENAI_API_URL``.
            timeout: Seconds for one request, from 1; left out, ``OPENAI_TIMEOUT``.
            alias: Name of this configuration where a stack has several.
            native: Use the native provider of this library, which `openai-constructs provider install` puts
                in place: it retries, knows tools and current models, changes labels in place and deletes.
            base_url: Address that ``chat/completions`` is below, as the OpenAI SDK has it; native provider.
            project: Project id; native provider. Left out, ``OPENAI_PROJECT_ID``.
            max_retries: How often a request is asked again, 0 to 20; native provider, 5 where left out.
            headers: Headers to send besides, as a gateway may want them; native provider.
            archive: URL of a database of your own that keeps every answer: ``sqlite:///answers.db``, from
                the folder of the cdktf.json, or ``postgresql://user@host/database``. A password comes by a
                sensitive variable, never as a literal. Native provider; left out,
                ``OPENAI_CONSTRUCTS_ARCHIVE``.
            archive_prompts: Whether the archive keeps the texts of requests, too; native provider, True if
                left out. The answers are always kept.
            budget: Most that the answers of a period may cost, as the archive counts it; native provider.
            local_name: Name of the provider in the stack where another is called ``openai``, as OpenAI's
                own is: lower-case letters, digits and hyphens. Resources, data sources and modules follow
                it.
            shutdown_warning_days: Days before the shutdown of a model from which synthesis, and plans of
                the native provider, warn of it, 0 to 3650; 0 is never, left out is 90.
            source: Where Terraform finds the provider; left out, ``mkdev-me/openai`` or the native one.
            version: Which releases will do. Of the public provider, one that admits only 2.x is refused,
                because there the resource ``openai_chat_completion`` fails before its first request.

        Raises:
            InvalidInputError: With everything that is wrong with the arguments.
        """
        context = ConstructContext(scope, id_)
        checks, state, stack = context.checks, context.state, context.scope.stack
        source = (NATIVE.source if native else PUBLIC_SOURCE) if source is None else source
        is_native = isinstance(source, str) and source == NATIVE.source
        version = (NATIVE_VERSION if is_native else PUBLIC_VERSION) if version is None else version
        if native and not is_native:
            checks.refuse(
                "source", source, f"omitted, or {NATIVE.source!r}, with native=True", "Leave it out."
            )
        given = {
            "api_key": check_secret(checks, stack, "api_key", api_key),
            "admin_key": check_secret(checks, stack, "admin_key", admin_key),
            "organization": organization,
            "api_url": api_url,
            "timeout": timeout,
            "base_url": base_url,
            "project": project,
            "max_retries": max_retries,
            "headers": headers,
            "archive": check_archive(checks, archive),
            "archive_prompts": archive_prompts,
            "shutdown_warning_days": shutdown_warning_days if is_native else None,
            **_budget(checks, budget),
        }
        if not is_native:  # of synthesis alone
            days = NATIVE.provider.attributes["shutdown_warning_days"]
            checks.attribute("shutdown_warning_days", shutdown_warning_days, days)
        _check_settings(checks, stack, given, is_native=is_native)
        admits_2 = check_requirement(checks, source, version)
        if not checks.problems:
            _check_settled(context, f"{source} {version}")
        if check_local_name(checks, local_name):
            _check_names(context, local_name, source)
        _check_alias(context, alias)
        self._alias = alias
        with context.raise_or_create():
            arguments = {name: value for name, value in given.items() if value is not None}
            self._arguments = render(arguments).rendered
            # The engine changes the keys of maps in provider blocks, but not of what is put in afterwards.
            sent = self._arguments.pop("headers", None)
            config = {
                "terraform_resource_type": local_name,
                "terraform_generator_metadata": {"provider_name": "openai", "provider_version": version},
                "terraform_provider_source": source,
            }
            warnings = [warning_of_2(version)] if admits_2 else ()
            create(cdk.TerraformProvider, self, context, config, warnings)
        self._scope = context.scope
        if sent is not None:
            self.add_override("headers", sent)
        state.provider_source, state.provider_version = source, version
        state.local_name = local_name
        self.node.add_validation(NoClash(stack, local_name, source))
        if isinstance(shutdown_warning_days, int) and not is_token(shutdown_warning_days):
            state.shutdown_warning_days = shutdown_warning_days
        others = {it: path for it, path in state.aliases.items() if path != context.path}
        state.aliases = {**others, alias: context.path}

    @property
    def alias(self) -> str | None:
        """Name of this configuration; the engine's own class does not keep it."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value


def _check_names(context: ConstructContext, local_name: str, source: str) -> None:
    """Note a local name that another provider of the stack has, or that is not the one in use already."""
    checks, state = context.checks, context.state
    if local_name != state.local_name and (_is_settled(context) or state.addresses):
        fix = "Give every OpenaiProvider of a stack the same, and make the first one before the chats."
        checks.refuse("local_name", local_name, f"{state.local_name!r}, used in the stack already", fix)
        return
    for problem in clashes(context.scope.stack, local_name, source):
        checks.refuse("local_name", local_name, "a name of its own", problem)


def _check_settings(
    checks: Checks, stack: cdk.TerraformStack, given: Mapping[str, Any], *, is_native: bool
) -> None:
    for name, value in given.items():
        if name in COMPAT.provider.attributes or is_native:
            if name not in ("api_key", "admin_key"):
                checks.attribute(name, value, NATIVE.provider.attributes[name])
                _check_http(checks, stack, name, value)
        elif value is not None:
            allowed = "omitted: the public provider has no such argument"
            shown = HIDDEN if name in ("headers", "base_url") else value
            checks.refuse(name, shown, allowed, "Give native=True with it.")
    if given["base_url"] is not None and given["api_url"] is not None:
        checks.refuse("api_url", HIDDEN, "omitted if base_url is given", "Give one of them.")


def _check_http(checks: Checks, stack: cdk.TerraformStack, name: str, value: Any) -> None:
    match name:
        case "headers" if isinstance(value, Mapping):
            for header, content in value.items():
                check_header(checks, name, header, unwrapped(stack, content))
        case "organization" | "project":
            check_id(checks, name, unwrapped(stack, value))
        case "base_url" | "api_url":
            check_url(checks, name, unwrapped(stack, value))
        case _:
            pass


def _budget(checks: Checks, value: object) -> dict[str, object]:
    if value is None or isinstance(value, Budget):
        return {} if value is None else value.arguments()
    checks.refuse("budget", value, "a Budget", "Write budget=Budget(usd=20).")
    return {}


def _check_settled(context: ConstructContext, requirement: str) -> None:
    """Refuse a provider that is not the one on which something in the stack relies."""
    state = context.state
    settled = f"{state.provider_source} {state.provider_version}"
    if requirement != settled and _is_settled(context):
        fix = "Give every OpenaiProvider of a stack the same, and make the first one before the chats."
        allowed = f"{settled}, used in the stack already"
        context.checks.refuse("source and version", requirement, allowed, fix)


def _is_settled(context: ConstructContext) -> bool:
    """Whether something in the stack relies on the provider that the stack has."""
    state = context.state
    return state.module_source is not None or any(map(context.exists, state.aliases.values()))


def _check_alias(context: ConstructContext, alias: object) -> None:
    checks, aliases = context.checks, context.state.aliases
    if alias is not None and (not isinstance(alias, str) or not IDENTIFIER.fullmatch(alias)):
        checks.refuse(
            "alias", alias, "a Terraform identifier", "Use letters, digits, underscores and hyphens."
        )
    elif alias in aliases and context.exists(aliases[alias]):
        fix = "Give each further OpenaiProvider of the stack an alias of its own."
        checks.refuse("alias", alias, "unlike those of the stack's other providers", fix)
