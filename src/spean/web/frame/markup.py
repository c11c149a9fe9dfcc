"""From a page's context to HTML: Jinja, strict about names, with the reader's words and formats at hand."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup as Html
from markupsafe import escape
from starlette.requests import Request

from spean.node.entry.people import Who
from spean.node.money.model import UNNAMED, Sum
from spean.web.frame.static import address
from spean.web.language import catalogue
from spean.web.language.reader import Reader, masked
from spean.web.language.scripts import runs

if TYPE_CHECKING:
    from spean.node import Node
    from spean.web.frame.pages import Page
    from spean.web.frame.shell import Shell
    from spean.web.parts.measures import Unit


class Markup:
    """Renders pages of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.words = catalogue.words

    def render(self, page: Page, shell: Shell, reader: Reader) -> str:
        """The page's HTML in the reader's language."""
        template = environment(reader.language).get_template(page.template)
        return template.render(page=page, shell=shell, reader=reader)


@cache
def environment(language: str) -> Environment:
    """Templates with the words of one language."""
    made = Environment(
        loader=PackageLoader("spean.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    words = catalogue.words(language)
    with_words: Any = made  # the extension adds the method, which the class does not declare
    with_words.install_gettext_callables(words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext)
    made.globals.update(static=address, words=words, languages=catalogue.LANGUAGES)
    made.filters.update(
        own=own, says=partial(says, words), moment=moment, clock=clock, day=day, left=left, spoken=spoken, num=number, money=money,
        figure=figure, measured=measured, account=partial(account, words), keeper=keeper_of,
    )  # fmt: skip
    return made


def own(text: str) -> Html:
    """Foreign text with the language of each run, so that fonts, line breaks and voices are right."""
    text = str(text)
    if text.isascii():  # no script to tell apart, and most texts are
        return escape(text)
    parts = []
    for tag, piece in runs(text):
        parts.append(escape(piece) if tag is None else Html('<span lang="{}">{}</span>').format(tag, piece))
    return Html("").join(parts)


def says(words: catalogue.Words, text: str) -> Html:
    """A sentence that the node made: translated when it is known, else in English and marked so."""
    found = words.sentence(str(text))
    if found.lang == words.language:
        return own(found.text)
    return Html('<span lang="{}">{}</span>').format(found.lang, own(found.text))


@pass_context
def moment(context: Context, value: int | None) -> Html:
    """A time: the reader's clock with UTC beside it."""
    if value is None:
        return Html("–")
    reader: Reader = context["reader"]
    return Html('<time datetime="{}">{}</time>').format(reader.machine(value), reader.both(value))


@pass_context
def clock(context: Context, value: int) -> Html:
    """The time of day to the second; the whole moment for whoever points at it."""
    reader: Reader = context["reader"]
    return Html('<time datetime="{}" title="{}">{}</time>').format(
        reader.machine(value), reader.both(value), reader.clock(value)
    )


@pass_context
def day(context: Context, value: str) -> str:
    """An ISO date in the reader's calendar."""
    reader: Reader = context["reader"]
    return reader.date(value)


@pass_context
def left(context: Context, due: int) -> str:
    """What is left until ``due``, as a clock says it."""
    reader: Reader = context["reader"]
    return reader.left(due - context["shell"].now)


@pass_context
def spoken(context: Context, milliseconds: int) -> str:
    """A length of time in words."""
    reader: Reader = context["reader"]
    return reader.duration(milliseconds)


@pass_context
def number(context: Context, value: int) -> str:
    """A number with its groups."""
    reader: Reader = context["reader"]
    return reader.number(value)


@pass_context
def money(context: Context, value: Sum | None) -> Html:
    """An amount with its currency; a dash where there is none."""
    if value is None:
        return Html("–")
    return Html('<span class="amount">{}&nbsp;{}</span>').format(figure(context, value), value.currency)


@pass_context
def figure(context: Context, value: Sum) -> str:
    """An amount without its currency."""
    reader: Reader = context["reader"]
    return reader.figure(value.amount, value.digits)


@pass_context
def measured(context: Context, minor: int, unit: Unit) -> Html:
    """Minor units as an amount of ``unit``."""
    return money(context, Sum(amount=minor, currency=unit.currency, digits=unit.digits))


def account(words: catalogue.Words, name: str) -> str:
    """An account, number or wallet with its middle hidden; its bank or chain is said elsewhere (``formats.model``).

    What the node has masked already stays so, and the name of a country. Charges and cash go to nobody whom a document names.
    """
    if name in (UNNAMED, UNNAMED.strip("<>")):
        return words.gettext("charges, cash")
    number = number_of(name)
    return number if len(number) < 3 or "…" in number else masked(number)


def number_of(name: str) -> str:
    """What the bank or chain itself calls it: ``MKBAKHPP/0071000055`` is ``0071000055``."""
    return name.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def keeper_of(name: str) -> str:
    """Where an account is kept, as far as its name says it: the bank's code, the chain, or the country of an IBAN."""
    if "/" in name:
        return name.split("/", 1)[0]
    if ":" in name:
        return name.split(":", 1)[0]
    return name[:2] if name[:2].isalpha() else ""


def reader_of(request: Request, who: Who | None) -> Reader:
    """How the one who asks reads: what the user has chosen, else what the browser says."""
    user = None if who is None else who.user
    language = (user.language if user else "") or catalogue.negotiate(request.headers.get("accept-language", ""))
    return Reader(
        language=language,
        time_zone=(user.time_zone if user else "") or "UTC",
        calendar=(user.calendar if user else "") or "gregorian",
        theme=(user.theme if user else "") or "system",
    )
