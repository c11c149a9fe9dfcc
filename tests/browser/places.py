"""Every page of the product, taken from the routes themselves, with what stands in the place of each name in its path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from browser.furnished import Furnished
from spean.web.routes import MODULES

Filled = Callable[[Furnished], list[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A path as it is declared. ``stranger``: it is shown to whoever is not signed in."""

    path: str
    stranger: bool

    @property
    def person(self) -> str:
        """Who looks at it here: somebody with a role to which it is shown; '' is a stranger."""
        if self.stranger:
            return ""
        return next((person for start, person in ROLES.items() if self.path.startswith(start)), "officer")

    def addresses(self, world: Furnished) -> list[str]:
        """Paths that exist in the furnished federation. Fails for a name in the path that nobody has filled in here."""
        if self.path in VARIANTS:
            return VARIANTS[self.path](world)
        return [re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: _filled(name[1], self.path, world), self.path)]


ROLES = {
    "/administration": "administrator", "/recoveries": "administrator", "/audit": "auditor", "/partners/invite": "all",
    "/partners/accept": "all", "/bank": "bank",
}  # fmt: skip
"""Who looks at the pages that are shown to few."""
FILES = frozenset(
    {
        "/log/checkpoint",
        "/chart/{record}/data",
        "/money/imports/{file}/rejected.csv",
        "/border/groups/{group}/answers.csv",
        "/border/extracts/{extract}/queries",
    }
)
"""What is asked for like a page and answered with a file."""
PLACES = [
    Place(each.path, each.stranger) for module in MODULES for each in module.pages.declared
    if each.method == "GET" and each.path not in FILES
]  # fmt: skip
"""All pages, in order of their routes."""

VARIANTS: dict[str, Filled] = {
    "/": lambda _: ["/", "/?turn=ours", "/?closed=1", "/?procedure=circular"],
    "/records/{record}": lambda world: [
        f"/records/{record}"
        for record in (world.requests["answered"], world.requests["refused"], world.asked["sent"], world.list, world.agreement,
                       world.money.case, world.money.ordered, world.money.restitution)
    ],
    "/records/{record}/{kind}": lambda world: [
        f"/records/{world.asked['sent']}/acknowledge", f"/records/{world.asked['accepted']}/answer",
        f"/records/{world.asked['accepted']}/refuse", f"/records/{world.list}/entry", f"/records/{world.list}/close",
        f"/records/{world.money.ordered}/hold", f"/records/{world.money.ordered}/verify", f"/records/{world.money.ordered}/inquire",
    ],
    "/chart/{record}": lambda world: [f"/chart/{world.known.person}", f"/chart/{world.known.firm}?hops=1"],
    "/entities": lambda _: ["/entities", "/entities?kind=person"],
    "/entities/new": lambda _: ["/entities/new", "/entities/new?kind=site"],
    "/entities/{record}": lambda world: [f"/entities/{world.known.person}", f"/entities/{world.known.firm}"],
    "/directory/{record}": lambda world: [f"/directory/{world.desk}"],
    "/hand-over/{fact}": lambda world: [f"/hand-over/{world.note}"],
    "/facts/{fact}": lambda world: [f"/facts/{world.fact}", f"/facts/{world.theirs}"],
    "/facts/{fact}/pass-on": lambda world: [f"/facts/{world.theirs}/pass-on"],
    "/procedures/{name}": lambda _: ["/procedures/information-request", "/procedures/agreement"],
    "/new/{procedure}": lambda _: ["/new/information-request", "/new/circular", "/new/agreement", "/new/fraud-report"],
    "/money/{record}": lambda world: [
        f"/money/{record}" for record in (world.money.case, f"{world.money.case}?rule=claimed", world.money.idle, world.money.ordered)
    ],
    "/money/{record}/goaml": lambda world: [f"/money/{world.money.case}/goaml"],
    "/money/imports/{file}/named": lambda world: [f"/money/imports/{world.money.files['report']}/named"],
    "/money/imports/{file}/erase": lambda world: [f"/money/imports/{world.money.files['report']}/erase"],
    "/money/imports/{file}": lambda world: [f"/money/imports/{file}" for file in world.money.files.values()],
    "/bank/{record}/{kind}": lambda world: [
        f"/bank/{world.money.ordered}/{kind}" for kind in ("hold", "too-late", "not-found", "refuse")
    ],
    "/bank/{record}/answered/{fact}": lambda world: [f"/bank/{world.money.ordered}/answered/{world.money.asked}"],
    "/same/look-ups/{record}": lambda world: [f"/same/look-ups/{world.same.look_up}", f"/same/look-ups/{world.same.marked}"],
    "/same/candidates/{record}": lambda world: [f"/same/candidates/{world.same.own}", f"/same/candidates/{world.same.abroad}"],
    "/border/groups/{group}": lambda world: [f"/border/groups/{world.same.group}"],
    "/restitutions/{record}": lambda world: [f"/restitutions/{world.money.restitution}"],
}  # fmt: skip
"""Pages that look different from case to case, each in several."""

NAMES: dict[str, Callable[[Furnished], str]] = {
    "record": lambda world: world.requests["answered"],
    "procedure": lambda _: "information-request",
    "fact": lambda world: world.fact,
    "agreement": lambda world: world.agreement,
    "instrument": lambda world: world.agreement,
    "node": lambda _: "KH",
    "peer": lambda _: "KH",
    "user": lambda world: world.kr.who().id,
    "secret": lambda world: world.kr.link("trainer").rpartition("/")[2],
}
"""What stands for a name, wherever it stands."""


def _filled(name: str, path: str, world: Furnished) -> str:
    assert name in NAMES, f"{path}: say in tests/browser/places.py what stands for {{{name}}}"
    return NAMES[name](world)
