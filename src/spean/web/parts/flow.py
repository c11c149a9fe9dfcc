"""The picture of a case's money: accounts as boxes in columns of hops, payments as bands whose width is their amount.

Drawn on the server, so it needs no script. Widths of several currencies are comparable: the scale follows the money through
each conversion at the rate that the bank stated. The same content stands beside it as a table, to which each band leads.

On a narrow screen the same boxes stand below one another, hop by hop, each with what came in as bars of the same scale (``levels``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from spean.node.money.model import Account, Edge, HopState, MoneySheet, Place, Sum
from spean.web.parts.outcomes import Tone, added, look

View = Literal["located", "claimed"]
MOST_BANDS = 48
"""Bands of one picture; smaller payments are in the table only."""
_FULL = 84
"""Pixels that the whole reported sum is wide."""
_WIDTH, _LINES, _APART, _THIN = 1076, 82, 14, 2
_BOXES = (120, 142)
_GAPS = (28, 150)
"""The least and the most: of a box, and between two columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An account in the picture."""

    account: Account
    node: str
    name: str
    x: int
    y: int
    width: int
    height: int
    came: tuple[Sum, ...]
    """What came in; for the first account what left it."""
    rests: tuple[Sum, ...]
    state: HopState | None
    sign: str
    tone: Tone
    anchor: str
    """Its row in the table of accounts; empty when it has none."""
    hidden: bool = False
    """No account, but what a country does not show: money came in and went on there."""


@dataclass(frozen=True, slots=True)
class Band:
    """Payments from one account to another, as wide as their sum."""

    path: str
    payer: Account
    payee: Account
    amounts: tuple[Sum, ...]
    count: int
    tone: Tone
    anchor: str
    """Row of the first of its payments in the table."""
    share: int
    """Its width in hundredths of what the widest hop brings; at least 1, so that it shows."""


@dataclass(frozen=True, slots=True)
class Level:
    """The accounts of one hop, each with what came in."""

    boxes: tuple[tuple[Box, tuple[Band, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The whole picture in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]
    levels: tuple[Level, ...]
    """The same from top to bottom."""
    left_out: int
    """Payments too small to be drawn."""


@dataclass(slots=True)
class _Node:
    """An account while the picture is arranged."""

    account: Account
    column: int
    node: str
    came: Fraction = Fraction(0)
    went: Fraction = Fraction(0)
    x: int = 0
    y: int = 0
    width: int = 0

    @property
    def height(self) -> int:
        return max(_LINES, int(max(self.came, self.went)) + 8)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One thing to draw: a payment (``count`` 1), or what a country does not show (0)."""

    payer: Account
    payee: Account
    hop: int
    amount: Sum
    became: Sum
    anchor: str
    count: int


@dataclass(slots=True)
class _Line:
    """All that is drawn between two accounts while the picture is arranged."""

    payer: Account
    payee: Account
    drawn: list[_Drawn]
    wide: Fraction


def flow(sheet: MoneySheet, view: View) -> Flow | None:
    """The picture of what was located or of what may be claimed; None when there is nothing to draw."""
    drawn = [*_drawn(sheet, view)]
    lines, left_out = _lines(sheet, drawn)
    if not lines:
        return None
    nodes = _nodes(sheet, lines)
    columns = _columns(nodes, lines)
    box = max(_BOXES[0], min(_BOXES[1], (_WIDTH - (len(columns) - 1) * _GAPS[0]) // len(columns)))
    gap = _place(columns, box)
    bottom = max(node.y + node.height for node in nodes.values())
    looks = _looks(sheet)
    bands = _bands(nodes, lines, looks, bottom)
    places = {each.account: each for each in sheet.places}
    rows = {each.account: f"a{number}" for number, each in enumerate(sheet.places, start=1)}
    boxes = [_box(each, lines, view, places.get(each.account), looks, rows) for each in nodes.values()]
    width = max(_WIDTH, len(columns) * box + (len(columns) - 1) * gap + 2)
    backward = any(nodes[line.payee].column <= nodes[line.payer].column for line in lines)
    return Flow(
        width=width, height=bottom + (34 if backward else 2), boxes=tuple(boxes), bands=tuple(bands),
        levels=_levels(columns, boxes, bands), left_out=left_out,
    )  # fmt: skip


def _levels(columns: Sequence[Sequence[_Node]], boxes: Iterable[Box], bands: Sequence[Band]) -> tuple[Level, ...]:
    """Column by column; of each account what came in, the widest first."""
    drawn = {box.account: box for box in boxes}
    came: dict[Account, list[Band]] = defaultdict(list)
    for band in sorted(bands, key=lambda each: -each.share):
        came[band.payee].append(band)
    return tuple(
        Level(tuple((drawn[node.account], tuple(came[node.account])) for node in column)) for column in columns
    )


def amount_of(edge: Edge, view: View) -> Sum | None:
    """What a payment carried, by the rule of this view."""
    return edge.located if view == "located" else edge.claimed


def _drawn(sheet: MoneySheet, view: View) -> Iterator[_Drawn]:
    """What is drawn: the payments, and between them what a country answers without showing its accounts."""
    paid: set[Account] = set()
    inside: dict[tuple[str, str], int] = {}
    for number, edge in enumerate(sheet.edges, start=1):
        amount = amount_of(edge, view)
        if amount is None or amount.amount <= 0 or edge.payer == edge.payee:
            continue
        if not edge.payer:
            key = edge.node, amount.currency
            inside[key] = min(edge.hop, inside.get(key, edge.hop))
        paid.add(edge.payee)
        yield _Drawn(
            edge.payer or _within(edge.node, amount.currency),
            edge.payee,
            edge.hop,
            amount,
            edge.converted or amount,
            f"e{number}",
            1,
        )
    for number, place in enumerate(sheet.places, start=1):
        rests = place.located if view == "located" else place.claimed
        if place.account in paid or not rests or place.node not in {edge.to for edge in sheet.edges if edge.to}:
            continue
        for each in rests:
            key = place.node, each.currency
            inside[key] = min(place.hop, inside.get(key, place.hop))
            yield _Drawn(_within(*key), place.account, place.hop, each, each, f"a{number}", 0)
    stays = {
        (place.account, each.currency): each.amount
        for place in sheet.places
        for each in (place.located if view == "located" else place.claimed)
    }
    for number, edge in enumerate(sheet.edges, start=1):
        amount = amount_of(edge, view)
        if amount is None:
            continue
        came = edge.converted or amount
        if (edge.to, came.currency) not in inside:
            continue
        rest = min(came.amount, stays.get((edge.payee, came.currency), 0))
        stays[edge.payee, came.currency] = stays.get((edge.payee, came.currency), 0) - rest
        if came.amount > rest:
            went = replace(came, amount=came.amount - rest)
            yield _Drawn(edge.payee, _within(edge.to, came.currency), edge.hop + 1, went, went, f"e{number}", 0)


def _within(node: str, currency: str) -> Account:
    """A name that no account has: what a country does not show, one box for each currency, so that money which was converted there goes
    on to the right."""
    return f"<{node}|{currency}>"


def _lines(sheet: MoneySheet, drawn: Sequence[_Drawn]) -> tuple[list[_Line], int]:
    scale = _scales(sheet, drawn)
    found: dict[tuple[Account, Account], _Line] = {}
    for each in drawn:
        line = found.setdefault((each.payer, each.payee), _Line(each.payer, each.payee, [], Fraction(0)))
        line.drawn.append(each)
        line.wide += each.amount.amount * scale.get(each.amount.currency, Fraction(0))
    for line in found.values():
        line.wide = max(line.wide, Fraction(_THIN))
    widest = sorted(found.values(), key=lambda line: -line.wide)
    kept = set(map(id, widest[:MOST_BANDS]))
    shown = [line for line in found.values() if id(line) in kept]
    return shown, sum(each.count for line in widest[MOST_BANDS:] for each in line.drawn)


def _scales(sheet: MoneySheet, drawn: Sequence[_Drawn]) -> dict[str, Fraction]:
    """Pixels a minor unit by currency: along conversions from the reported one, else by the widest hop of that currency."""
    scale = {sheet.reported.currency: Fraction(_FULL, max(1, sheet.reported.amount))}
    changed = True
    while changed:
        changed = False
        for edge in sheet.edges:
            paid, became = edge.located or edge.claimed, edge.converted
            if paid and became and became.amount and paid.currency in scale and became.currency not in scale:
                scale[became.currency] = scale[paid.currency] * paid.amount / became.amount
                changed = True
    widest: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for each in drawn:
        if each.amount.currency not in scale:
            widest[each.amount.currency][each.hop] += each.amount.amount
    scale.update({name: Fraction(_FULL, max(1, *hops.values())) for name, hops in widest.items()})
    return scale


def _nodes(sheet: MoneySheet, lines: Sequence[_Line]) -> dict[Account, _Node]:
    """Accounts, each behind everybody who pays it; what closes a circle leads back."""
    where = {edge.payee: edge.to or edge.node for edge in sheet.edges} | {
        each.account: each.node for each in sheet.places
    }
    where |= {edge.payer: edge.node for edge in sheet.edges if edge.payer}
    names = dict.fromkeys(name for line in lines for name in (line.payer, line.payee))
    found = {name: _Node(name, 0, where.get(name, name.strip("<>").partition("|")[0])) for name in names}
    for line in _onward(lines):
        found[line.payee].column = max(found[line.payee].column, found[line.payer].column + 1)
    for line in lines:
        found[line.payer].went += line.wide
        found[line.payee].came += line.wide
    return found


def _onward(lines: Sequence[_Line]) -> list[_Line]:
    """The lines that close no circle, each behind those that lead to its payer. The payment that is first keeps its place."""
    leaving: dict[Account, list[_Line]] = defaultdict(list)
    for line in lines:
        leaving[line.payer].append(line)
    order: list[Account] = []
    state: dict[Account, int] = {}
    backward: set[int] = set()
    for root in dict.fromkeys(line.payer for line in lines):
        stack = [(root, iter(leaving[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            name, rest = stack[-1]
            onward = next(rest, None)
            if onward is None:
                state[name] = 2
                order.append(name)
                stack.pop()
            elif state.get(onward.payee) == 1:
                backward.add(id(onward))
            elif onward.payee not in state:
                state[onward.payee] = 1
                stack.append((onward.payee, iter(leaving[onward.payee])))
    return [line for name in reversed(order) for line in leaving[name] if id(line) not in backward]


def _columns(nodes: dict[Account, _Node], lines: Sequence[_Line]) -> list[list[_Node]]:
    """Accounts by hop, those of one hop in the order of whoever paid them, so that bands cross little."""
    used = sorted({node.column for node in nodes.values()})
    for node in nodes.values():
        node.column = used.index(node.column)
    columns: list[list[_Node]] = [[] for _ in used]
    for node in nodes.values():
        columns[node.column].append(node)
    order: dict[Account, float] = {}
    for column in columns:
        for place, node in enumerate(column):
            paid = [
                (order[line.payer], line.wide) for line in lines if line.payee == node.account and line.payer in order
            ]
            wide = float(sum(weight for _, weight in paid))
            order[node.account] = sum(at * float(weight) for at, weight in paid) / wide if wide else float(place)
        column.sort(key=lambda node: (order[node.account], -node.came, node.account))
        for place, node in enumerate(column):
            order[node.account] = (place + 0.5) / len(column)
    return columns


def _place(columns: list[list[_Node]], box: int) -> int:
    gaps = max(1, len(columns) - 1)
    gap = min(_GAPS[1], max(_GAPS[0], (_WIDTH - len(columns) * box) // gaps))
    tall = max(_tall(column) for column in columns)
    for place, column in enumerate(columns):
        y = 2 + (tall - _tall(column)) // 2
        for node in column:
            node.x, node.y, node.width = 1 + place * (box + gap), y, box
            y += node.height + _APART
    return gap


def _tall(column: list[_Node]) -> int:
    return sum(node.height for node in column) + _APART * (len(column) - 1)


def _looks(sheet: MoneySheet) -> dict[Account, HopState]:
    """The state of what is asked of an account; the newest hop of one account counts."""
    return {hop.account: hop.state for hop in sorted(sheet.hops, key=lambda hop: hop.since)}


def _bands(
    nodes: dict[Account, _Node], lines: Sequence[_Line], looks: dict[Account, HopState], bottom: int
) -> list[Band]:
    """Bands leave and reach a box beside one another, in the order of the boxes at their other end."""
    left = {name: _middle(node, node.went) for name, node in nodes.items()}
    reached = {name: _middle(node, node.came) for name, node in nodes.items()}
    leaving = sorted(lines, key=lambda line: (nodes[line.payer].x, nodes[line.payer].y, nodes[line.payee].y))
    starts: dict[int, float] = {}
    for line in leaving:
        starts[id(line)] = left[line.payer]
        left[line.payer] += float(line.wide)
    found = []
    for line in sorted(lines, key=lambda line: (nodes[line.payee].x, nodes[line.payee].y, nodes[line.payer].y)):
        end = reached[line.payee]
        reached[line.payee] += float(line.wide)
        payer, payee = nodes[line.payer], nodes[line.payee]
        path = _path(payer, payee, starts[id(line)], end, float(line.wide), bottom)
        state = looks.get(line.payee)
        tone: Tone = look(state)[1] if state is not None else "plain"
        amounts, count = added(each.amount for each in line.drawn), sum(each.count for each in line.drawn)
        share = max(1, min(100, round(100 * line.wide / _FULL)))
        found.append(Band(path, line.payer, line.payee, amounts, count, tone, line.drawn[0].anchor, share))
    return found


def _middle(node: _Node, wide: Fraction) -> float:
    return node.y + (node.height - float(wide)) / 2


def _path(payer: _Node, payee: _Node, start: float, end: float, wide: float, bottom: int) -> str:
    """The outline of a band; one that leads back goes below everything."""
    x1, x2 = payer.x + payer.width, payee.x
    if payee.column > payer.column:
        half = (x1 + x2) / 2
        return (
            f"M{x1} {start:.1f}C{half} {start:.1f} {half} {end:.1f} {x2} {end:.1f}"
            f"V{end + wide:.1f}C{half} {end + wide:.1f} {half} {start + wide:.1f} {x1} {start + wide:.1f}Z"
        )
    low, thick = bottom + 16, min(wide, 6.0)
    return (
        f"M{x1} {start:.1f}C{x1 + 40} {start:.1f} {x1 + 40} {low} {x1} {low}H{x2}C{x2 - 40} {low} {x2 - 40} {end:.1f} {x2} {end:.1f}"
        f"V{end + thick:.1f}C{x2 - 32} {end + thick:.1f} {x2 - 32} {low - thick:.1f} {x2} {low - thick:.1f}H{x1}"
        f"C{x1 + 32} {low - thick:.1f} {x1 + 32} {start + thick:.1f} {x1} {start + thick:.1f}Z"
    )


def _box(
    node: _Node,
    lines: Iterable[_Line],
    view: View,
    place: Place | None,
    looks: dict[Account, HopState],
    rows: dict[str, str],
) -> Box:
    arriving = [each.became for line in lines if line.payee == node.account for each in line.drawn]
    leaving = [each.amount for line in lines if line.payer == node.account for each in line.drawn]
    rests = () if place is None else place.located if view == "located" else place.claimed
    state = looks.get(node.account)
    sign, tone = look(state) if state is not None else ("", "plain")
    return Box(
        account=node.account, node=node.node, name="" if place is None else place.name, x=node.x, y=node.y, width=node.width,
        height=node.height, came=added(arriving or leaving), rests=tuple(each for each in rests if each.amount), state=state, sign=sign,
        tone=tone, anchor=rows.get(node.account, ""), hidden="|" in node.account,
    )  # fmt: skip
