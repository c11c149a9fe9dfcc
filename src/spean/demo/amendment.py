"""An amendment is proved to change only what it says; one that hides a change is shown with a counterexample (A1, z3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from spean.agreements.claims import read_claim
from spean.agreements.form import to_dict
from spean.agreements.model import Instrument
from spean.agreements.prove import prove_amendment
from spean.node import open_node

CLAIM = "adds data document"


def play(home: Path, agreement: str, folder: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Prove an honest amendment of the agreement, and refute one that silently lifts the TLP ceiling."""
    node = open_node(home)
    try:
        with node.reading():
            old = node.registry.get(agreement)
    finally:
        node.close()
    honest = replace(old, data=old.data | {"document"}, version=old.version + 1)
    sly = replace(honest, tlp_ceiling="RED")
    claim = read_claim([CLAIM])
    proof, refuted = prove_amendment(old, honest, claim), prove_amendment(old, sly, claim)
    if not proof.holds or refuted.holds:
        raise ValueError(f"the proofs are not as they must be: {proof.says}; {refuted.says}")
    (folder / "amendment.json").write_text(json.dumps(_text(honest), indent=2) + "\n")
    say(f"7  an amendment that says “{CLAIM}” is proved to change nothing else")
    say(f"7  one that also lifts the TLP ceiling is refuted: {refuted.says}")
    return {"proved": proof.says, "refuted": refuted.says}


def _text(instrument: Instrument) -> dict[str, object]:
    """The amended text as a form of the procedure *agreement*."""
    told = to_dict(instrument)
    return {name: value for name, value in told.items() if name not in ("id", "version", "state", "suspended")}
