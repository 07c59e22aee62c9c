"""Read scripted answers from YAML; ``openai_constructs.emulator.replies`` documents the keys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from openai_constructs.emulator.answers import Answer, Call
from openai_constructs.emulator.errors import ApiError, of_status
from openai_constructs.emulator.replies import Match, Replies, Reply
from openai_constructs.emulator.yaml_file import YamlFile, read_yaml

__all__ = ["read_replies"]

_T = TypeVar("_T")
_Place = tuple[str | int, ...]
_OUTCOMES: Final = ("answer", "error", "drop")
_MAX_NUMBER: Final = 2.0**53
_REASONS: Final = ("stop", "length", "tool_calls", "content_filter", "function_call")


def read_replies(path: Path) -> Replies:
    """Read a file of scripted answers.

    Raises:
        EmulatorError: For the first problem, with file and line.
    """
    file = read_yaml(path)
    reader = _Reader(file)
    top = reader.mapping((), file.value, "seed", "replies")
    seed = reader.number(("seed",), top.get("seed", 0), whole=True)
    listed = top.get("replies")
    if not isinstance(listed, list):
        file.refuse(("replies",), "`replies` must be a list of rules, each starting with `-`.")
    return Replies(tuple(reader.rule(("replies", n), it) for n, it in enumerate(listed)), int(seed))


class _Reader:
    """Converts the values of a file to rules, and reports invalid values with their line."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file

    def rule(self, at: _Place, value: Any) -> Reply:
        it = self.mapping(at, value, "match", *_OUTCOMES, "delay", "times", "rate")
        outcomes = [key for key in _OUTCOMES if key in it]
        if len(outcomes) > 1:
            self.file.refuse(
                (*at, outcomes[1]), f"a rule has one of {', '.join(_OUTCOMES)}; this one has {len(outcomes)}."
            )
        if not outcomes and "delay" not in it:
            self.file.refuse(at, f"a rule needs one of {', '.join(_OUTCOMES)}, or a `delay`.")
        if it.get("drop") not in (None, "before", "after"):
            self.file.refuse(
                (*at, "drop"),
                "`drop` must be `before` or `after`: whether the request is carried out first.",
            )
        match, model_id = self._match((*at, "match"), it.get("match", {}))
        return Reply(
            match=match,
            model_id=model_id,
            answer=self._answer((*at, "answer"), it["answer"]) if "answer" in it else None,
            error=self._error((*at, "error"), it["error"]) if "error" in it else None,
            drop=it.get("drop"),
            delay=self.number((*at, "delay"), it.get("delay", 0), most=3600),
            times=int(self.number((*at, "times"), it["times"], whole=True, least=1))
            if "times" in it
            else None,
            rate=self.number((*at, "rate"), it.get("rate", 1), most=1),
        )

    def mapping(self, at: _Place, value: Any, *allowed: str) -> dict[str, Any]:
        """Check a mapping with some allowed keys; without any, all text keys are allowed."""
        if not isinstance(value, dict):
            self.file.refuse(at, f"{_named(at)} must be a mapping, `key: value`.")
        for key in value:
            if allowed and key not in allowed:
                self.file.refuse(
                    (*at, str(key)), f"{key!r} is not allowed here. Allowed: {', '.join(allowed)}."
                )
        return value

    def number(
        self, at: _Place, value: Any, *, whole: bool = False, least: float = 0, most: float | None = None
    ) -> float:
        """Check a number between two inclusive bounds."""
        kind = "a whole number" if whole else "a number"
        upto = f" to {most:g}" if most is not None else ""
        right = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        bound = _MAX_NUMBER if most is None else most
        if not right or not least <= value <= bound:
            self.file.refuse(at, f"{_named(at)} must be {kind} from {least:g}{upto}.")
        return float(value)

    def text(self, at: _Place, value: Any) -> str:
        """Check a text."""
        if not isinstance(value, str):
            self.file.refuse(at, f"{_named(at)} must be text; put it in quotes.")
        return value

    def _match(self, at: _Place, value: Any) -> tuple[Match, str | None]:
        it = self.mapping(at, value, "model", "message", "metadata")
        model, model_id = None, None
        if "model" in it:
            text = self.text((*at, "model"), it["model"])
            if len(text) > 1 and text.startswith("/") and text.endswith("/"):
                model = self._pattern((*at, "model"), text[1:-1])
            else:
                model, model_id = re.compile(re.escape(text)), text
        message = self._pattern((*at, "message"), it["message"]) if "message" in it else None
        labels = self.mapping((*at, "metadata"), it.get("metadata", {}))
        pairs = tuple(
            (str(key), self.text((*at, "metadata", str(key)), label)) for key, label in labels.items()
        )
        return Match(model=model, message=message, metadata=pairs), model_id

    def _pattern(self, at: _Place, value: Any) -> re.Pattern[str]:
        try:
            return re.compile(self.text(at, value))
        except (re.error, OverflowError, RecursionError) as error:
            self.file.refuse(at, f"{_named(at)} is not a regular expression: {error}.")

    def _answer(self, at: _Place, value: Any) -> Answer:
        if isinstance(value, str):
            return Answer(content=value)
        it = self.mapping(at, value, "content", "refusal", "finish_reason", "function_call", "tool_calls")
        reason = it.get("finish_reason")
        if reason is not None and reason not in _REASONS:
            self.file.refuse((*at, "finish_reason"), f"`finish_reason` must be one of {', '.join(_REASONS)}.")
        calls = it.get("tool_calls", [])
        if not isinstance(calls, list):
            self.file.refuse((*at, "tool_calls"), "`tool_calls` must be a list of calls.")
        called = self._optional(at, it, "function_call", self._call)
        answer = Answer(
            content=self._optional(at, it, "content", self.text),
            refusal=self._optional(at, it, "refusal", self.text),
            finish_reason=reason,
            function_call=called,
            tool_calls=tuple(self._call((*at, "tool_calls", n), call) for n, call in enumerate(calls)),
        )
        if answer == Answer(finish_reason=reason):
            self.file.refuse(at, "an answer needs content, a refusal, a function_call or tool_calls.")
        return answer

    def _optional(
        self, at: _Place, it: dict[str, Any], key: str, read: Callable[[_Place, Any], _T]
    ) -> _T | None:
        return read((*at, key), it[key]) if it.get(key) is not None else None

    def _call(self, at: _Place, value: Any) -> Call:
        it = self.mapping(at, value, "name", "arguments")
        if "name" not in it:
            self.file.refuse(at, "a call needs a `name`.")
        arguments = it.get("arguments", {})
        if not isinstance(arguments, str):
            # A text is sent unchanged, to simulate a model that writes invalid JSON.
            arguments = json.dumps(self.mapping((*at, "arguments"), arguments), default=str)
        return Call(self.text((*at, "name"), it["name"]), arguments)

    def _error(self, at: _Place, value: Any) -> ApiError:
        it = self.mapping(at, value, "status", "message", "type", "param", "code", "retry_after")
        status = self.number((*at, "status"), it.get("status"), whole=True, least=400, most=599)
        after = it.get("retry_after")
        return of_status(
            int(status),
            message=self._optional(at, it, "message", self.text),
            type=self._optional(at, it, "type", self.text),
            param=self._optional(at, it, "param", self.text),
            code=self._optional(at, it, "code", self.text),
            retry_after=None if after is None else int(self.number((*at, "retry_after"), after, whole=True)),
        )


def _named(at: _Place) -> str:
    return f"`{at[-1]}`" if at and isinstance(at[-1], str) else "this" if at else "the file"
