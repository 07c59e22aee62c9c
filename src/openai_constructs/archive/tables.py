"""The tables of an archive, and the migrations of older archives.

The steps are functions in a tuple rather than Alembic revisions: there is one table, and a library should not
bring an ``alembic.ini`` and a folder of scripts into a user's project. Pending steps run in one transaction,
under a lock that other processes wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = ["COMPLETIONS", "STEPS", "TABLES", "VERSIONS"]

TABLES: Final = MetaData()
"""Both tables."""

VERSIONS: Final = Table(
    "openai_constructs_archive",
    TABLES,
    Column("version", Integer, nullable=False, comment="version of the schema"),
    Column("opened_at", BigInteger, nullable=False, comment="when a process last opened it to write, as at"),
)
"""A table with one row: the version of the schema."""

COMPLETIONS: Final = Table(
    "openai_constructs_completions",
    TABLES,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False, comment="when it was answered: milliseconds since 1970, UTC"),
    Column("key", String, nullable=False, comment="idempotency key: stack/path; empty where there is none"),
    Column("stack", String, nullable=False),
    Column("path", String, nullable=False, comment="path of the construct in its stack"),
    Column("workspace", String, nullable=False),
    Column("host", String, nullable=False, comment="host of the API, with its port"),
    Column("model", String, nullable=False, comment="model of the request"),
    Column("model_used", String, nullable=False, comment="model of the answer"),
    Column("digest", String(64), nullable=False, comment="of the request; see archive/digest.py"),
    Column("completion_id", String, nullable=False),
    Column("stored", Boolean, nullable=False, comment="the request had store = true"),
    Column("status", String, nullable=False, comment="answered, acknowledged, replaced or destroyed"),
    Column("finish_reason", String, nullable=False),
    Column("service_tier", String, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False, comment="part of the prompt's"),
    Column("completion_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False, comment="part of the completion's"),
    Column("nano_usd", BigInteger, comment="price in billionths of a dollar; null where it is unknown"),
    Column("metadata", JSON, nullable=False, comment="the user's own pairs"),
    Column("request", Text, nullable=False, comment="JSON; without its texts if archive_prompts = false"),
    Column("answer", Text, nullable=False, comment="JSON, as the API sent it"),
    Index("openai_constructs_completions_at", "at"),
    Index("openai_constructs_completions_digest", "digest"),
    Index("openai_constructs_completions_completion", "completion_id"),
)
"""A table with one row per answer."""


STEPS: Final[tuple[Callable[[Connection], None], ...]] = ()
"""Migrations from version 1 to 2, and so on. A released step never changes.

A new archive is created with the tables above and the newest version, so it runs no step.
"""
