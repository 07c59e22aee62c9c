"""Merge the arguments of each chat in a fleet with the fleet's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, Final

from openai_constructs.errors import Problem
from openai_constructs.schema import NATIVE, Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.request import request_arguments, to_native_arguments
from openai_constructs.values.tokens import has_token

__all__ = ["fleet_arguments", "matrix_chats"]

_CHATS: Final = Limits(min_items=1)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
_ROOT: Final = re.compile(r"\w+")


def fleet_arguments(
    checks: Checks,
    chats: object,
    common: Mapping[str, object],
    allowed: Collection[str],
    native_key: str | None = None,
) -> dict[str, dict[str, object]]:
    """Return the arguments of each chat, and note all their problems with the chat's key.

    Args:
        checks: Collector of the problems; a problem of a common argument is noted once.
        chats: Map of key to prompt, or to the chat's own arguments, which override the fleet's.
        common: Arguments of all chats.
        allowed: Valid names of a chat's own arguments.
        native_key: Prefix of the chats' idempotency keys; ``None`` with the public provider.
    """
    given = checks.mapping("chats", chats, _CHATS, "key to prompt or arguments")
    common_problems: dict[Problem, None] = {}
    made = {}
    for key, chat in given.items():
        place = f"chats[{key!r}]"
        own = _own_arguments(checks, place, chat, allowed)
        if _check_key(checks, place, key) and own is not None:
            its_key = None if native_key is None else f"{native_key}/{key}"
            made[key] = _arguments(checks, place, own, common, common_problems, its_key)
    checks.problems += common_problems
    return made


def _check_key(checks: Checks, place: str, key: object) -> bool:
    if not isinstance(key, str):
        return False  # already reported
    fix = "Write the key as plain text: it becomes a part of Terraform addresses."
    if has_token(key):
        checks.refuse(place, key, "known at synthesis, so without tokens", fix)
    elif not key or _UNPRINTABLE.search(key):
        checks.refuse(place, key, "text that is not empty, without control characters", fix)
    elif not unicodedata.is_normalized("NFC", key):
        checks.refuse(place, key, "in Unicode form NFC, as Terraform writes it", fix)
    else:
        return True
    return False


def _own_arguments(
    checks: Checks, place: str, chat: object, allowed: Collection[str]
) -> dict[str, Any] | None:
    if isinstance(chat, str):
        return {"prompt": chat}
    if not isinstance(chat, Mapping):
        fix = 'Write {"prompt": ...}, with this chat\'s other arguments.'
        checks.refuse(place, chat, "a prompt, or a dict of a chat's arguments", fix)
        return None
    for name in chat:
        if name not in allowed:
            listed = f"one of {', '.join(sorted(allowed))}"
            checks.refuse(
                f"{place} key", name, listed, "Correct the name, or pass the argument to the fleet."
            )
    return {name: it for name, it in chat.items() if name in allowed}


def _arguments(
    checks: Checks,
    place: str,
    own: Mapping[str, object],
    common: Mapping[str, object],
    common_problems: dict[Problem, None],
    native_key: str | None,
) -> dict[str, object]:
    """Return the arguments of a chat. Problems of common arguments are collected apart, to be noted once."""
    asked = {"model": None, "messages": None, "prompt": None, **common, **own}
    if own.get("messages") is not None and "system" not in own:
        asked["system"] = None
    found = Checks()
    if native_key is None:
        arguments = request_arguments(found, asked)
    else:
        arguments = request_arguments(found, to_native_arguments(asked, native_key), NATIVE)
    for problem in found.problems:
        if problem.argument == "model" and asked["model"] is None:
            fix = "Set model= of the fleet or of this chat."
            checks.refuse(f"{place}.model", None, "the id of a model", fix)
            continue
        root = _ROOT.match(problem.argument)
        if root is not None and root.group() in common and root.group() not in own:
            common_problems[problem] = None
        else:
            checks.problems.append(problem._replace(argument=f"{place}.{problem.argument}"))
    return arguments


def matrix_chats(checks: Checks, prompts: object, models: object, parameters: object) -> dict[str, Any]:
    """Return the chats of a matrix by ``prompt/model/parameters``, and note all problems of its axes."""
    asked = _named(checks, "prompts", prompts, "name to prompt")
    for name, prompt in asked.items():
        checks.text(f"prompts[{name!r}]", prompt, Limits())
    ids = checks.sequence("models", models, _CHATS, "models")
    for index, model in enumerate(ids):
        if checks.text(f"models[{index}]", model, Limits(min_length=1)) and model in ids[:index]:
            checks.refuse(f"models[{index}]", model, "a model that is not yet in the list", "Remove it.")
    sets = {"": {}} if parameters is None else _named(checks, "parameters", parameters, "name to parameters")
    for name, it in sets.items():
        if not isinstance(it, Mapping):
            checks.refuse(f"parameters[{name!r}]", it, "a dict of parameters", 'Write {"temperature": 0}.')
    if checks.problems:
        return {}
    return {
        "/".join(filter(None, (name, str(model), label))): {**options, "prompt": prompt, "model": model}
        for name, prompt in asked.items()
        for model in ids
        for label, options in sets.items()
    }


def _named(checks: Checks, argument: str, value: object, of: str) -> Mapping[str, Any]:
    """Check a dict whose keys become parts of a fleet's keys, and return it."""
    given = checks.mapping(argument, value, _CHATS, of)
    for name in given:
        if isinstance(name, str) and (not name or "/" in name):
            fix = "Use another name: slashes separate the parts of a key."
            checks.refuse(f"{argument} key", name, "text that is not empty, without a slash", fix)
    return given
