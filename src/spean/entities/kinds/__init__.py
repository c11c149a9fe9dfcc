"""Kinds of things, their properties and links: data that somebody of the field can read (one TOML file a kind), loaded when first asked for.

TOML and not YAML: the standard library reads it, and it knows no tags that could run code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.values.base import ValueType
from spean.entities.values.types import value_type

LANGUAGES = ("en", "fr", "km", "th", "lo", "my", "zh", "ko", "vi")
KIND_NAMES = (
    "person", "organisation", "account", "wallet", "phone", "device", "document", "address", "site", "vehicle", "vessel", "domain",
    "url", "ip", "user-account", "email", "payment", "image", "file", "event",
)  # fmt: skip
LINK_NAMES = (
    "owns", "directs", "family", "member-of", "works-at", "represents", "associated-with", "uses", "pays", "receives", "identified-by",
    "located-at", "recruited", "took-part", "part-of",
)  # fmt: skip
"""Written here too, so that forms know them without reading a file; a test holds both together."""


@dataclass(frozen=True, slots=True)
class Property:
    """Something that can be said of a thing. ``many``: several values may be true together; else they contradict one another."""

    name: str
    type: str
    many: bool
    labels: Mapping[str, str]

    @property
    def values(self) -> ValueType:
        """Its value type."""
        return value_type(self.type)

    @property
    def selector(self) -> str:
        """Under which word an exact value of it is looked up: codes of different properties are different things."""
        return self.name if self.type == "code" else self.type


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing. ``ftm``: schemata of FollowTheMoney, the first is written; ``properties`` map to that model's names."""

    name: str
    about: str
    labels: Mapping[str, str]
    ftm: tuple[str, ...]
    person: bool
    named_by: tuple[str, ...]
    properties: Mapping[str, str]

    def property(self, name: str) -> Property:
        """A property of this kind (R28: others are rejected). Raises ``InvalidInput``."""
        if name not in self.properties:
            raise InvalidInput("property", f"nothing is kept about {name[:40]!r} of {self.name} here", rule="R28",
                               remedy="one of " + ", ".join(self.properties))  # fmt: skip
        return properties()[name]


@dataclass(frozen=True, slots=True)
class LinkKind:
    """How two things are joined; ``forward`` and ``backward`` are its words in both directions."""

    name: str
    ftm: str
    ftm_from: str
    ftm_to: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    symmetric: bool
    forward: Mapping[str, str]
    backward: Mapping[str, str]


def label(labels: Mapping[str, str], language: str) -> str:
    """The word in a language, else in English."""
    return labels.get(language) or labels["en"]


def kind(name: str) -> Kind:
    """The kind of that name. Raises ``InvalidInput``."""
    if name not in KIND_NAMES:
        raise InvalidInput("kind", f"{name[:40]!r} is no kind of thing", remedy="one of " + ", ".join(KIND_NAMES))
    return _kind(name)


def kinds() -> tuple[Kind, ...]:
    """All kinds."""
    return tuple(map(_kind, KIND_NAMES))


@cache
def properties() -> Mapping[str, Property]:
    """All properties by name."""
    return {
        name: Property(name, each["type"], each["many"], each["labels"]) for name, each in _read("properties").items()
    }


@cache
def links() -> Mapping[str, LinkKind]:
    """All kinds of links by name."""
    return {name: _link(name, each) for name, each in _read("links").items()}


def check_link(name: str, source: str, target: str) -> LinkKind:
    """The link when it may join these kinds of things, else ``InvalidInput``."""
    found = links().get(name)
    if found is None:
        raise InvalidInput("link", f"{name[:40]!r} is no kind of link", remedy="one of " + ", ".join(LINK_NAMES))
    if source not in found.sources or target not in found.targets:
        raise InvalidInput("link", f"{name} does not join {source} and {target}", rule="R28",
                           remedy=f"it goes from {', '.join(found.sources)} to {', '.join(found.targets)}")  # fmt: skip
    return found


@cache
def _kind(name: str) -> Kind:
    data = _read(name)
    return Kind(
        name,
        data["about"],
        data["labels"],
        tuple(data["ftm"]),
        data.get("person", False),
        tuple(data["named_by"]),
        data["properties"],
    )


def _link(name: str, data: dict[str, Any]) -> LinkKind:
    return LinkKind(
        name, data["ftm"], data["ftm_from"], data["ftm_to"], tuple(data["from"]), tuple(data["to"]), data.get("symmetric", False),
        data["forward"], data["backward"],
    )  # fmt: skip


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("spean.entities.kinds").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
