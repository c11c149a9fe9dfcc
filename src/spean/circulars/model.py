"""Forms of the procedure *circular* (A6): the list, its entries, publication, withdrawal."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.core.marks import Data
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Short = Annotated[str, Meta(min_length=1, max_length=300)]
EntryKind = Literal["wallet", "account", "phone", "domain", "url", "email", "device", "document", "app", "other"]


class Circular(Form, frozen=True, kw_only=True):
    """A list that one node sends to all parties."""

    title: Annotated[Short, Meta(description="Title of the list.")]
    source: Annotated[Short, Meta(description="Who drew the list up, e.g. the published list and its office.")]
    source_version: Annotated[str, Meta(max_length=100, description="Version or date of the source.")] = ""
    data: Annotated[Data, Meta(description="What kind of data the entries are.")]
    about: Annotated[str, Meta(max_length=4000, description="What the list is for and how to use it.")] = ""


class Entry(Form, frozen=True, kw_only=True):
    """One entry of the list. Each is a fact of its own, so it can be corrected or withdrawn by itself."""

    kind: Annotated[EntryKind, Meta(description="What it is.")]
    value: Annotated[str, Meta(min_length=1, max_length=500, description="The value as the source gives it.")]
    chain: Annotated[str, Meta(max_length=40, description="For a wallet: the chain, e.g. bitcoin or tron.")] = ""
    reference: Annotated[str, Meta(max_length=200, description="Where in the source it stands.")] = ""
    tags: Annotated[tuple[Short, ...], Meta(max_length=20, description="Words of the source, e.g. USDT.")] = ()
    note: Annotated[str, Meta(max_length=2000, description="What the reader should know.")] = ""


class Publication(Form, frozen=True, kw_only=True):
    """A person stands for the list: whoever is on it is shown to all parties (R1)."""

    reason: Reason
    entries: Annotated[int, Meta(ge=0, le=10_000_000, description="How many entries the list has now.")]
    statement: Annotated[str, Meta(max_length=2000, description="What the publisher says about it.")] = ""


class Acknowledgement(Form, frozen=True, kw_only=True):
    """An addressee has received and read the list."""

    note: Annotated[str, Meta(max_length=2000, description="What it does with the list, if it says so.")] = ""


class Withdrawal(Form, frozen=True, kw_only=True):
    """An entry no longer holds. It is named by ``targets``."""

    reason: Reason


class Closing(Form, frozen=True, kw_only=True):
    """The list is no longer kept."""

    reason: Reason
