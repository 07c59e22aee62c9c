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
    """``provider "openai"``, and the provider requirement of the stack.

    Create it before the chats of the same stack, because it selects the provider that they use.

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
            id_: Id of the construct; Terraform addresses do not contain it.
            api_key: A sensitive variable or a token. A literal is rejected, because it would be in the JSON.
                Default: the environment variable ``OPENAI_API_KEY``.
            admin_key: Administration key, as a sensitive variable or a token. Default: ``OPENAI_ADMIN_KEY``.
            organization: Organization id. Default: ``OPENAI_ORGANIZATION``.
            api_url: Base URL, with or without ``/v1``. Default: ``OPENAI_API_URL``.
            timeout: Timeout of a request in seconds, at least 1. Default: ``OPENAI_TIMEOUT``.
            alias: Name of this configuration, if the stack has several.
            native: Use this library's own provider, installed by ``openai-constructs provider install``. It
                retries, supports tools and current models, updates metadata in place, and deletes.
            base_url: URL above ``chat/completions``, as in the OpenAI SDK; native provider.
            project: Project id; native provider. Default: ``OPENAI_PROJECT_ID``.
            max_retries: Maximum number of retries per request, 0 to 20; native provider. Default: 5.
            headers: Additional HTTP headers, for example for a gateway; native provider.
            archive: URL of a database that keeps all answers: ``sqlite:///answers.db`` (relative to the
                folder of cdktf.json) or ``postgresql://user@host/database``. Pass a URL with a password as a
                sensitive variable. Native provider. Default: ``OPENAI_CONSTRUCTS_ARCHIVE``.
            archive_prompts: Whether the archive also keeps the texts of requests; native provider. Default:
                True. It always keeps the answers.
            budget: Maximum cost of the answers in a period, counted by the archive; native provider.
            local_name: Local name of the provider, if the stack uses ``openai`` for another one: lower-case
                letters, digits and hyphens. Resources, data sources and modules follow it.
            shutdown_warning_days: Number of days before the shutdown of a model from which synthesis and the
                native provider's plans warn, 0 to 3650; 0 disables the warning. Default: 90.
            source: Source address of the provider. Default: ``mkdev-me/openai``, or the native provider's.
            version: Version constraint of the provider. A constraint that admits only 2.x of the public
                provider is rejected, because ``openai_chat_completion`` fails there before its first request.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        context = ConstructContext(scope, id_)
        checks, state, stack = context.checks, context.state, context.scope.stack
        source = (NATIVE.source if native else PUBLIC_SOURCE) if source is None else source
        is_native = isinstance(source, str) and source == NATIVE.source
        version = (NATIVE_VERSION if is_native else PUBLIC_VERSION) if version is None else version
        if native and not is_native:
            checks.refuse("source", source, f"omitted, or {NATIVE.source!r}, with native=True", "Omit it.")
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
            _check_in_use(context, f"{source} {version}")
        if check_local_name(checks, local_name):
            _check_names(context, local_name, source)
        _check_alias(context, alias)
        self._alias = alias
        with context.raise_or_create():
            arguments = {name: value for name, value in given.items() if value is not None}
            self._arguments = render(arguments).rendered
            # The engine renames the keys of maps in provider blocks, but not in overrides.
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
        """Name of this configuration."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = value


def _check_names(context: ConstructContext, local_name: str, source: str) -> None:
    """Note a local name that another provider of the stack has, or that differs from the name in use."""
    checks, state = context.checks, context.state
    if local_name != state.local_name and (_is_in_use(context) or state.addresses):
        fix = "Use the same for each OpenaiProvider of a stack, and create the first one before the chats."
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
            checks.refuse(name, shown, allowed, "Add native=True.")
    if given["base_url"] is not None and given["api_url"] is not None:
        checks.refuse("api_url", HIDDEN, "omitted if base_url is given", "Use one of the two.")


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


def _check_in_use(context: ConstructContext, requirement: str) -> None:
    """Reject a provider other than the one that constructs of the stack already use."""
    state = context.state
    in_use = f"{state.provider_source} {state.provider_version}"
    if requirement != in_use and _is_in_use(context):
        fix = "Use the same for each OpenaiProvider of a stack, and create the first one before the chats."
        allowed = f"{in_use}, used in the stack already"
        context.checks.refuse("source and version", requirement, allowed, fix)


def _is_in_use(context: ConstructContext) -> bool:
    """Whether constructs of the stack already use its provider."""
    state = context.state
    return state.module_source is not None or any(map(context.exists, state.aliases.values()))


def _check_alias(context: ConstructContext, alias: object) -> None:
    checks, aliases = context.checks, context.state.aliases
    if alias is not None and (not isinstance(alias, str) or not IDENTIFIER.fullmatch(alias)):
        checks.refuse(
            "alias", alias, "a Terraform identifier", "Use letters, digits, underscores and hyphens."
        )
    elif alias in aliases and context.exists(aliases[alias]):
        fix = "Give each additional OpenaiProvider of the stack its own alias."
        checks.refuse("alias", alias, "different from the aliases of the stack's other providers", fix)
