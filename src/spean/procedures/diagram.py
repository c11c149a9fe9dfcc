"""The state diagram of a procedure as an SVG picture, made from its declaration.

States are boxes, with the acts that stay in them written inside; acts that move are labels on the way. Nothing is
told by colour alone: an end has a double border and the word "end", an adverse act or state has cut corners and the
word "adverse", a clock's act has a dashed border and the word "clock". It has no style sheet, so a strict CSP shows it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from spean.procedures.declare import ANY, Procedure, Transition
from spean.procedures.layout import Drawing, Place, arrange
from spean.procedures.wording import AsDeclared, Wording

_FONT = "Noto Sans, Segoe UI, Helvetica, Arial, sans-serif"
_INK, _SOFT, _LINE, _PAPER, _FRAME = "#1b2733", "#506070", "#7a8896", "#ffffff", "#3c5a78"
_STATE, _END, _ADVERSE, _CANDIDATE = "#eaf1f8", "#eef0f2", "#fbeae6", "#fdf6df"
_LABEL, _RED = "#ffffff", "#9c2f1f"
_MARGIN, _ROW_GAP, _LINE_HEIGHT = 28.0, 34.0, 15.0
_MANY = 3
"""An act possible in more states than this lists them in words instead of drawing a line from each."""
_START = "(start)"


@dataclass(frozen=True)
class _Box:
    """A state or an act, with its lines of text; the first is the title."""

    name: str
    lines: tuple[str, ...]
    fill: str
    adverse: bool = False
    double: bool = False
    dashed: bool = False
    state: bool = True

    @property
    def width(self) -> float:
        sizes = [_width(self.lines[0], 14.0 if self.state else 12.5, bold=True)]
        sizes += [_width(line, 11.0) for line in self.lines[1:]]
        return max(*sizes, 60.0) + (32.0 if self.state else 22.0)

    @property
    def height(self) -> float:
        return (20.0 if self.state else 12.0) + 17.0 + _LINE_HEIGHT * (len(self.lines) - 1)


def diagram(procedure: Procedure, tell: Wording | None = None) -> str:
    """The picture as SVG text, in the words of ``tell`` (without: as declared)."""
    tell = tell or AsDeclared()
    boxes = {box.name: box for box in _boxes(procedure, tell)}
    arrows = _arrows(procedure)
    position = _positions(procedure)
    edges = [(a, b) if position[a] < position[b] else (b, a) for a, b in arrows]
    sizes = [(_START, 18.0, 18.0), *((box.name, box.width, box.height) for box in boxes.values())]
    edges += _anchors(procedure, position)
    drawing = arrange(sorted(sizes, key=lambda size: position[size[0]]), list(dict.fromkeys(edges)), _ROW_GAP)
    body = [
        *(_edge(drawing, a, b, reverse=position[a] > position[b], labelled=b.startswith("act ")) for a, b in arrows),
        _start(drawing.places[_START]),
        *(_box(box, drawing.places[name]) for name, box in boxes.items()),
    ]
    return _page(procedure, drawing, body, tell)


def _boxes(procedure: Procedure, tell: Wording) -> list[_Box]:
    moves = [_act_box(procedure, t, tell) for t in procedure.transitions if _is_drawn(t)]
    return [*(_state_box(procedure, name, tell) for name in procedure.state_names), *moves]


def _is_drawn(t: Transition) -> bool:
    """Acts that only come back to their own state are written inside its box."""
    return t.moves and t.sources != (t.target,)


def _is_worded(t: Transition) -> bool:
    """Acts that are possible in too many states for lines."""
    return _is_drawn(t) and len(t.sources) > _MANY


def _state_box(procedure: Procedure, name: str, tell: Wording) -> _Box:
    adverse, end = name in procedure.adverse_states, name in procedure.ends
    candidate = name in procedure.candidates
    marks = [tell.text(word) for word, holds in (("end", end), ("adverse", adverse), ("candidate", candidate)) if holds]
    inside = [t for t in procedure.transitions if t.allowed_in(name) and not _is_drawn(t)]
    again = [t for t in procedure.transitions if _is_drawn(t) and t.target == name and name in t.sources]
    lines = _wrapped(tell.declared(procedure.states.get(name, "")), 34)
    lines += [f"• {tell.act(t.kind)} ({_by(procedure, t, tell)})" for t in inside]
    lines += [f"• {tell.text('{0} again', tell.act(t.kind))}" for t in again]
    fill = _ADVERSE if adverse else _CANDIDATE if candidate else _END if end else _STATE
    said = tell.state(procedure.name, name)
    title = f"{said} [{', '.join(marks)}]" if marks else said
    return _Box(name, (title, *lines), fill, adverse=adverse, double=end, dashed=candidate)


def _act_box(procedure: Procedure, t: Transition, tell: Wording) -> _Box:
    lines = [tell.act(t.kind), _by(procedure, t, tell)]
    if t.within is not None:
        lines += _wrapped(tell.text("within {0}, else {1}", tell.delay(t.within), tell.act(t.else_)), 36)
    if t.after is not None:
        lines += _wrapped(tell.text("after {0}", tell.delay(t.after)), 36)
    if _is_worded(t):
        lines += _wrapped(tell.text("from {0}", ", ".join(_states(procedure, t, tell))), 36)
    return _Box(
        f"act {t.kind}", tuple(lines), _ADVERSE if t.adverse else _LABEL, adverse=t.adverse,
        dashed=t.is_timer or t.auto, state=False,
    )  # fmt: skip


def _states(procedure: Procedure, t: Transition, tell: Wording) -> list[str]:
    return [tell.state(procedure.name, name) for name in t.sources]


def _by(procedure: Procedure, t: Transition, tell: Wording) -> str:
    everybody = len(t.by) == len(procedure.parties) > 1
    names = tell.text(" or ").join(map(tell.party, t.by))
    parts = [tell.text("any party") if everybody else names]
    for word, holds in (
        ("adverse", t.adverse), ("clock", t.is_timer), ("by itself", t.auto), ("once each", t.once),
        ("own track", t.local), ("prevails", t.prevails > 0),
    ):  # fmt: skip
        if holds:
            parts.append(tell.text(word))
    return ", ".join(parts)


def _arrows(procedure: Procedure) -> list[tuple[str, str]]:
    arrows = []
    for t in procedure.transitions:
        if not _is_drawn(t):
            continue
        name = f"act {t.kind}"
        sources = (_START,) if t.opens else () if _is_worded(t) else t.sources
        arrows += [(source, name) for source in sources if source != t.target]
        arrows.append((name, t.target or ""))
    return arrows


def _anchors(procedure: Procedure, position: dict[str, float]) -> list[tuple[str, str]]:
    """Lines that are not drawn: they keep an act of many states beside the middle of these."""
    found = []
    for t in procedure.transitions:
        above = [name for name in t.sources if _is_worded(t) and position[name] < position[f"act {t.kind}"]]
        if above:
            found.append((above[len(above) // 2], f"act {t.kind}"))
    return found


def _positions(procedure: Procedure) -> dict[str, float]:
    """A total order that says what is drawn above what: states as declared, each act after its last source, or below
    its target when it leads back."""
    states = {name: float(index * 1000) for index, name in enumerate(procedure.state_names)}
    position = {_START: -1000.0, **states}
    for number, t in enumerate(t for t in procedure.transitions if _is_drawn(t)):
        target = states[t.target or ""]
        before = [states[source] for source in t.sources if states[source] < target]
        start = -1000.0 if t.opens else max(before, default=target)
        position[f"act {t.kind}"] = start + 1 + number
    return position


def _width(text: str, size: float, *, bold: bool = False) -> float:
    """A fair guess at the width of a text, since no font is at hand."""
    narrow = sum(text.count(letter) for letter in "iljtfr.,;:|()[]' ")
    return ((len(text) - narrow) * 0.62 + narrow * 0.35) * size * (1.1 if bold else 1.0)


def _wrapped(text: str, columns: int) -> list[str]:
    """The text in as few lines as fit, and these about equally long."""
    lines = _broken(text, columns)
    while len(_broken(text, columns - 1)) == len(lines) and columns > 12:
        columns -= 1
    return _broken(text, columns)


def _broken(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _box(box: _Box, place: Place) -> str:
    left, top = place.x - box.width / 2, place.y - box.height / 2
    stroke = _RED if box.adverse else _FRAME if box.state else _LINE
    dash = ' stroke-dasharray="5 3"' if box.dashed else ""
    thick = "2" if box.adverse else "1.4" if box.state else "1"
    look = f'fill="{box.fill}" stroke="{stroke}" stroke-width="{thick}"{dash}'
    parts = [_outline(left, top, box.width, box.height, look, cut=box.adverse, radius=9 if box.state else 5)]
    if box.double:
        inner = f'fill="none" stroke="{stroke}" stroke-width="1"'
        parts.append(_outline(left + 3.5, top + 3.5, box.width - 7, box.height - 7, inner, cut=box.adverse, radius=6))
    y = top + (24.0 if box.state else 18.0)
    size = "14" if box.state else "12.5"
    parts.append(_text(place.x, y, box.lines[0], f'font-size="{size}" font-weight="600" fill="{_INK}"'))
    for line in box.lines[1:]:
        y += _LINE_HEIGHT
        parts.append(_text(place.x, y, line, f'font-size="11" fill="{_SOFT}"'))
    return "".join(parts)


def _outline(x: float, y: float, width: float, height: float, look: str, *, cut: bool, radius: int) -> str:
    if not cut:
        return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="{radius}" {look}/>'
    c = 10.0
    corners = [
        (x + c, y), (x + width - c, y), (x + width, y + c), (x + width, y + height - c),
        (x + width - c, y + height), (x + c, y + height), (x, y + height - c), (x, y + c),
    ]  # fmt: skip
    return f'<polygon points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}" {look}/>'


def _text(x: float, y: float, text: str, look: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="middle" {look}>{escape(text)}</text>'


def _start(place: Place) -> str:
    return f'<circle cx="{_n(place.x)}" cy="{_n(place.y)}" r="8" fill="{_INK}"/>'


def _edge(drawing: Drawing, a: str, b: str, *, reverse: bool, labelled: bool) -> str:
    """One arrow from ``a`` to ``b``; the head is left out where it enters a label, since the way goes on."""
    way = drawing.ways[(b, a) if reverse else (a, b)]
    points = _points(way)
    if reverse:
        points = points[::-1]
    head = "" if labelled else ' marker-end="url(#arrow)"'
    return f'<path d="{_curve(points)}" fill="none" stroke="{_LINE}" stroke-width="1.4"{head}/>'


def _points(way: Sequence[Place]) -> list[tuple[float, float]]:
    points = []
    for upper, lower in itertools.pairwise(way):
        points.append((_port(upper, upper.below, lower), upper.y + upper.height / 2))
        points.append((_port(lower, lower.above, upper), lower.y - lower.height / 2))
    return points


def _port(place: Place, near: Sequence[Place], other: Place) -> float:
    """Where on the side of a box an edge begins: edges share the side in the order of where they go."""
    if not place.name:
        return place.x
    order = sorted(near, key=lambda each: each.x)
    index = next(number for number, each in enumerate(order) if each is other)
    room = place.width * 0.7
    return place.x + room * ((index + 1) / (len(order) + 1) - 0.5)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (y0 + y1) / 2
        straight = abs(x0 - x1) < 0.5 or abs(y0 - y1) < 0.5
        turn = f"L{_n(x1)} {_n(y1)}"
        parts.append(turn if straight else f"C{_n(x0)} {_n(middle)} {_n(x1)} {_n(middle)} {_n(x1)} {_n(y1)}")
    return "".join(parts)


def _page(procedure: Procedure, drawing: Drawing, body: Sequence[str], tell: Wording) -> str:
    name = tell.declared(procedure.title)
    title = tell.text("{0}: states and acts", name)
    legend = _legend(procedure, tell)
    width = max(drawing.width, _width(name, 20, bold=True), *(_width(line, 11) for line in legend))
    width += 2 * _MARGIN
    shift = (width - drawing.width) / 2
    top = _MARGIN + 40
    height = top + drawing.height + 24 + _LINE_HEIGHT * len(legend) + _MARGIN
    foot = [
        f'<text x="{_n(_MARGIN)}" y="{_n(height - _MARGIN - _LINE_HEIGHT * (len(legend) - 1 - number))}" '
        f'font-size="11" fill="{_SOFT}">{escape(line)}</text>'
        for number, line in enumerate(legend)
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" aria-labelledby="title desc" font-family="{_FONT}">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_in_words(procedure, tell))}</desc>',
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{_LINE}"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
        f'<text x="{_n(_MARGIN)}" y="{_n(_MARGIN + 14)}" font-size="20" font-weight="600" fill="{_INK}">'
        f"{escape(name)}</text>",
        f'<g transform="translate({_n(shift)} {_n(top)})">',
        *body,
        "</g>",
        *foot,
        "</svg>",
        "",
    ])  # fmt: skip


def _legend(procedure: Procedure, tell: Wording) -> list[str]:
    parts = ["filled circle: start", "rounded box: state", "small box: act that moves the record"]
    parts += ["bullet: act that stays in the state", "double border: end"]
    shown = list(procedure.transitions)
    if any(t.is_timer or t.auto for t in shown):
        parts.append("dashed small box: done by a clock or by the node itself")
    if any(t.adverse for t in shown):
        parts.append("cut corners: adverse")
    if procedure.candidates:
        parts.append("dashed state: candidate")
    said = [tell.text(part) for part in parts]
    middle = (len(said) + 1) // 2
    return [" · ".join(said[:middle]), " · ".join(said[middle:])]


def _in_words(procedure: Procedure, tell: Wording) -> str:
    """The picture for those who do not see it."""
    sentences = []
    for t in procedure.transitions:
        act, who, either = (
            tell.act(t.kind),
            _by(procedure, t, tell),
            tell.text(" or ").join(_states(procedure, t, tell)),
        )
        target = tell.state(procedure.name, t.target or "")
        if t.opens:
            sentences.append(tell.text("{0} by {1} opens the record in {2}.", act, who, target))
        elif t.moves:
            sentences.append(tell.text("{0} by {1} leads from {2} to {3}.", act, who, either, target))
        elif t.sources == (ANY,):
            sentences.append(tell.text("{0} by {1} stays in any state.", act, who))
        else:
            sentences.append(tell.text("{0} by {1} stays in {2}.", act, who, either))
    ends = tell.text("Ends: {0}.", ", ".join(tell.state(procedure.name, name) for name in procedure.ends))
    return f"{' '.join(sentences)} {ends}"
