"""The chapter of the manual on one procedure, in Markdown, made from its declaration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spean.procedures.declare import Procedure
from spean.procedures.describe import describe


def chapter(procedure: Procedure) -> str:
    """The chapter. It shows the diagram ``<name>.svg`` from the same folder."""
    told = describe(procedure)
    shared = [act for act in told["acts"] if not act["local"]]
    local = [act for act in told["acts"] if act["local"]]
    lines = [
        f"# {told['title']}",
        "",
        "<!-- Made by scripts/make_manual.py from the declaration; do not edit. -->",
        "",
        told["doc"],
        "",
        f"Procedure `{told['name']}`, version {told['version']}.",
        "",
        f"![States of {told['name']}]({told['name']}.svg)",
        "",
        "## Parties",
        "",
        *_table(("party", "nodes", "who"), (_party(party) for party in told["parties"])),
        "",
        "## States",
        "",
        *_table(("state", "meaning", ""), (_state(state) for state in told["states"])),
        "",
        *_clocks(told["acts"]),
        "## Acts that all parties receive",
        "",
        *(line for act in shared for line in _act(act)),
        "## Acts on one's own track",
        "",
        "They are never sent.",
        "",
        *(line for act in local for line in _act(act)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _party(party: dict[str, Any]) -> tuple[str, str, str]:
    nodes = "several" if party["many"] else "one"
    return f"**{party['name']}**", nodes, party["doc"] + (" (opens the record)" if party["opens"] else "")


def _state(state: dict[str, Any]) -> tuple[str, str, str]:
    marks = [word for word in ("end", "candidate", "adverse") if state[word]]
    return f"`{state['name']}`", state["doc"], ", ".join(marks)


def _clocks(acts: Iterable[dict[str, Any]]) -> list[str]:
    rows = []
    for act in acts:
        clock = act["clock"]
        if clock is None:
            continue
        since = "the record was opened" if clock["since"] == "opened" else "the state was entered"
        length = clock.get("within", clock.get("after"))
        then = f"`{clock['else']}`" if "else" in clock else f"`{act['kind']}`"
        waits = f"`{act['kind']}` is not done" if "else" in clock else "it is still so"
        rows.append((", ".join(f"`{name}`" for name in act["from"]), length, since, waits, then, clock["kept_by"]))
    if not rows:
        return []
    head = ("in", "after", "counted since", "when", "then", "kept by")
    return ["## Clocks", "", *_table(head, rows), ""]


def _act(act: dict[str, Any]) -> list[str]:
    return [
        f"### {act['kind']}",
        "",
        act["doc"],
        "",
        f"- **Path:** {_path(act)}",
        f"- **By:** {' or '.join(act['by'])}; {_who(act)}",
        *(f"- **{line}" for line in _marks(act)),
        *(f"- **Rule {rule['number']}:** {rule['text']}" for rule in act["rules"]),
        "",
        *_form(act["form"]),
    ]


def _path(act: dict[str, Any]) -> str:
    before = " or ".join(f"`{name}`" for name in act["from"])
    if act["opens"]:
        return f"opens the record in `{act['to']}`"
    return f"{before} → `{act['to']}`" if act["to"] is not None else f"in {before}; the state stays"


def _who(act: dict[str, Any]) -> str:
    return " or ".join(act["who"])


def _marks(act: dict[str, Any]) -> list[str]:
    texts = {
        "adverse": "Adverse:** acts against somebody; needs a named human and a reason, and can be undone",
        "auto": "By itself:** the node does it as soon as the rules allow",
        "timer": "Clock:** written by the node that keeps the clock",
        "once": "Once:** each node does it once",
        "bulk": "In bulk:** may come in batches of many",
    }
    found = [text for mark, text in texts.items() if act[mark]]
    if act["human"] and not act["adverse"]:
        found.insert(0, "Human:** only a person may do it")
    if act["prevails"] > 0:
        found.append(f"Prevails:** wins over concurrent acts of less than {act['prevails']}")
    return found


def _form(form: dict[str, Any]) -> list[str]:
    fields = form.get("properties", {})
    if not fields:
        return []
    needed = set(form.get("required", ()))
    rows = [
        (f"`{name}`", "yes" if name in needed else "", _kind(field, form), field.get("description", ""))
        for name, field in fields.items()
    ]
    parts = [*_table(("field", "needed", "kind", "meaning"), rows), ""]
    for name, part in form.get("$defs", {}).items():
        if "properties" in part:
            parts += [f"Each *{name}*: {part.get('description', '').splitlines()[0]}", ""]
            parts += _form({**part, "$defs": {k: v for k, v in form["$defs"].items() if "enum" in v}})
    return parts


def _kind(field: dict[str, Any], form: dict[str, Any]) -> str:
    """What kind of value a field takes, in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        target = form["$defs"].get(name, {})
        return _choices(target["enum"]) if "enum" in target else name
    if "anyOf" in field:
        return " or ".join(_kind(each, form) for each in field["anyOf"])
    if "enum" in field:
        return _choices(field["enum"])
    if field.get("type") == "array":
        return f"list of: {_kind(field.get('items', {}), form)}"
    if field.get("type") == "object":
        return "table"
    return {"string": "text", "integer": "whole number", "boolean": "yes or no"}.get(field.get("type", ""), "form")


def _choices(values: list[Any]) -> str:
    return " · ".join(f"`{value}`" for value in values)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows)]


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
