"""Models and signatures of all kinds that people write, for the tests of schemas made from Python."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import ipaddress
import pathlib
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import annotated_types
import typing_extensions
from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    Json,
    RootModel,
    SecretStr,
    StringConstraints,
    conint,
    conlist,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass

if TYPE_CHECKING:
    from nowhere import DataFrame  # type: ignore[import-not-found]

T = TypeVar("T")


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Empty(BaseModel):
    """Nothing."""


class Inner(BaseModel):
    """Inside."""

    x: int


class Plain(BaseModel):
    """Everyday."""

    a: str
    b: int = 3
    c: float
    d: bool = True
    e: str | None = None


class KeywordNames(BaseModel):
    default: str
    properties: list[str]
    items: list[int]
    title: str
    type: str
    required: bool
    enum: Literal["a", "b"] = "a"
    description: str = Field(description="The description.")
    const: int
    examples: list[str] = Field(default=["x"], examples=[["y"]])
    additionalProperties: bool  # noqa: N815
    anyOf: int | str  # noqa: N815
    format: str
    pattern: str


class DollarNames(BaseModel):
    ref: str = Field(alias="$ref")
    definitions: str = Field(alias="$defs")


class Described(BaseModel):
    inner: Inner = Field(description="described")
    other: Inner = Field(default=Inner(x=1), description="another")
    maybe: Inner | None = Field(default=None, description="perhaps")


class Node(BaseModel):
    value: int
    children: list[Node] = []


class Linked(BaseModel):
    value: int
    next: Linked | None = None


class DescribedRecursion(BaseModel):
    next: DescribedRecursion | None = Field(None, description="the next one")
    twin: list[DescribedRecursion] = Field(description="the others")


class Ping(BaseModel):
    pong: Pong | None


class Pong(BaseModel):
    ping: Ping | None


class Number(BaseModel):
    value: float


class Add(BaseModel):
    left: Add | Number
    right: Add | Number


class Expression(BaseModel):
    expression: Add | Number


class RootOfModel(RootModel[Inner]):
    """A root."""


class RootOfRecursion(RootModel[Node]):
    pass


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Tagged(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind", description="one")]]


class Untagged(BaseModel):
    pet: Cat | Dog | None
    value: int | str | list[int]


class Choices(BaseModel):
    colour: Colour
    level: Level
    mixed: Mixed
    either: Literal["a", 1, None]
    one: Literal["only"]
    nothing: None


class DefaultedChoices(BaseModel):
    colour: Colour = Field(Colour.BLUE, description="of it")
    colours: list[Colour] = [Colour.RED]


class Bounded(BaseModel):
    small: int = Field(ge=1, le=5)
    open: float = Field(gt=0, lt=1)
    even: int = Field(multiple_of=2)
    short: str = Field(min_length=3, max_length=5)
    few: list[int] = Field(min_length=2, max_length=3)
    con: conint(gt=3)  # type: ignore[valid-type]
    con_list: conlist(int, min_length=1)  # type: ignore[valid-type]
    annotated: Annotated[str, StringConstraints(pattern="^a+$")]
    unsigned: Annotated[int, annotated_types.Ge(0)]


class Patterned(BaseModel):
    code: str = Field(pattern=r"^[A-Z]{3}-\d{4}$", examples=["ABC-1234"])
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
    slug: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", min_length=4)


class Times(BaseModel):
    date: datetime.date
    time: datetime.time
    moment: datetime.datetime
    span: datetime.timedelta
    id: uuid.UUID


class Texts(BaseModel):
    secret: SecretStr
    raw: bytes
    path: pathlib.Path
    url: HttpUrl
    any_url: AnyHttpUrl
    address: ipaddress.IPv4Address


class Amounts(BaseModel):
    price: decimal.Decimal
    share: decimal.Decimal = Field(ge=0, le=1)


class Collections(BaseModel):
    tags: set[str]
    frozen: frozenset[int]
    some: Sequence[str]
    many: tuple[int, ...]
    nested: list[list[Inner]]


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    inner_name: str = Field(alias="outerName")
    validated: str = Field(validation_alias="other")


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


class Allowing(BaseModel):
    model_config = ConfigDict(extra="allow", title="Some title", json_schema_extra={"examples": [{"a": 1}]})
    a: int = Field(title="A title", deprecated=True, examples=[1, 2])


class Parent(BaseModel):
    a: int


class Child(Parent):
    b: Inner


@dataclasses.dataclass
class Plan:
    city: str
    days: int = 2
    stops: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Documented:
    """A documented one."""

    plan: Plan
    next: Documented | None = None


@pydantic_dataclass
class Checked:
    a: Annotated[int, Field(ge=3)]


class Movie(typing_extensions.TypedDict):
    """A film."""

    name: str
    year: typing_extensions.NotRequired[int]


class Shelf(typing_extensions.TypedDict, total=False):
    movies: list[Movie]


class HasOthers(BaseModel):
    plan: Plan
    movie: Movie
    checked: Checked


class UnserializableDefault(BaseModel):
    a: int = Field(default_factory=lambda: 3)


CLASSES: list[type] = [
    Empty,
    Inner,
    Plain,
    KeywordNames,
    DollarNames,
    Described,
    Node,
    Linked,
    DescribedRecursion,
    Ping,
    Pong,
    Add,
    Expression,
    RootOfModel,
    RootOfRecursion,
    Cat,
    Tagged,
    Untagged,
    Choices,
    DefaultedChoices,
    Bounded,
    Patterned,
    Times,
    Texts,
    Amounts,
    Collections,
    Page[int],
    Page[Node],
    Aliased,
    Forbidding,
    Allowing,
    Parent,
    Child,
    Plan,
    Documented,
    Checked,
    Movie,
    Shelf,
    HasOthers,
    UnserializableDefault,
]
"""Classes with a strict form."""


def nothing() -> None:
    """Do nothing."""


def everyday(city: str, day: str, seats: int = 1, colour: Colour = Colour.RED) -> None:
    """Search.

    Args:
        city: Where to.
        seats: How many.
        colour: Of the seat.
    """


def keywords(
    default: str, properties: list[str], items: int, title: str = "x", schema: str = "", _x: int = 1
) -> None: ...


def models(inner: Inner, node: Node, plans: list[Plan], movie: Movie | None = None) -> None:
    """Take models.

    Args:
        inner: An inner one.
        node: A tree.
    """


def tagged(pet: Annotated[Cat | Dog, Field(discriminator="kind")]) -> None: ...


def optional(a: int | None = None, b: str | int = 3, c: Literal["x", "y"] | None = None) -> None: ...


def fields(
    a: Annotated[int, Field(description="annotated", ge=2)],
    b: int = Field(3, description="default"),
    c: Annotated[int, Field(description="annotated")] = Field(3, description="default"),
) -> None:
    """Fields.

    Args:
        a: From the docstring.
        b: From the docstring.
        c: From the docstring.
    """


def numpydoc(a: int, b: int, c: str) -> None:
    """Add.

    Parameters
    ----------
    a, b : int
        Both numbers.
    c : str
        The unit.
    """


def for_checkers_only(a: int) -> DataFrame:
    """Give a frame."""
    raise NotImplementedError


async def waiting(a: int) -> str:
    """Wait."""
    return str(a)


def keyword_only(*, a: int, b: tuple[int, ...] = ()) -> None: ...


def odd_default(a: int = 3, when: datetime.date = datetime.date(2026, 1, 1)) -> None: ...


def newtypes(a: set[str], b: bytes, c: decimal.Decimal) -> None: ...


class Desk:
    def search(self, city: str, *, day: datetime.date | None = None) -> None:
        """Search at the desk."""

    @classmethod
    def of_class(cls, city: str) -> None:
        """Search."""

    @staticmethod
    def static(city: str) -> None:
        """Search."""

    def __call__(self, city: str) -> Unseen:  # type: ignore[name-defined]  # noqa: F821
        """Call."""


CALLABLES: list[Callable[..., Any]] = [
    nothing,
    everyday,
    keywords,
    models,
    tagged,
    optional,
    fields,
    numpydoc,
    for_checkers_only,
    waiting,
    keyword_only,
    odd_default,
    newtypes,
    Desk().search,
    Desk.of_class,
    Desk.static,
    Desk(),
]
"""Signatures with a strict form."""


class HasDict(BaseModel):
    scores: dict[str, int]


class HasPatternDict(BaseModel):
    scores: dict[Annotated[str, StringConstraints(pattern="^a")], int]


class HasBareDict(BaseModel):
    scores: dict  # type: ignore[type-arg]


class HasAny(BaseModel):
    scores: Any


class HasObject(BaseModel):
    scores: object


class HasBareList(BaseModel):
    scores: list  # type: ignore[type-arg]


class HasTuple(BaseModel):
    scores: tuple[int, str]


class Pair(NamedTuple):
    a: int
    b: str


class HasNamedTuple(BaseModel):
    scores: Pair


class HasJson(BaseModel):
    scores: Json[Inner]


class HasDeep(BaseModel):
    inner: list[HasDict]


class HasOptionalDict(BaseModel):
    scores: dict[str, int] | None = None


class HasNetwork(BaseModel):
    scores: ipaddress.IPv4Network


class HasWritten(BaseModel):
    scores: int = Field(json_schema_extra={"oneOf": [{"type": "integer"}]})


def untyped(scores) -> None: ...  # type: ignore[no-untyped-def]


def of_dict(scores: dict[str, int]) -> None: ...


def of_tuple(scores: tuple[int, int]) -> None: ...


WITHOUT_STRICT_FORM: list[Any] = [
    HasDict,
    HasPatternDict,
    HasBareDict,
    HasAny,
    HasObject,
    HasBareList,
    HasTuple,
    HasNamedTuple,
    HasJson,
    HasDeep,
    HasOptionalDict,
    HasNetwork,
    HasWritten,
    untyped,
    of_dict,
    of_tuple,
]
"""Classes and signatures with a field ``scores`` that no strict schema can describe."""
