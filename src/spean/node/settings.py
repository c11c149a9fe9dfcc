"""What a node is told when it starts: one small JSON file in its home folder, nothing from the environment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from spean.core.errors import InvalidInput, NotFound
from spean.core.ids import check_node

FORMAT = 1
GOAML = ("entity", "branch", "code", "mode", "mode_comment", "funds", "currency", "indicators", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A node's settings. Times are in milliseconds; empty text means "not used"."""

    node: str
    name: str
    realm: str
    root: str
    """Public key (hex) of the trust root that admitted this node (R40)."""
    url: str
    """Where partners reach us, e.g. ``https://kr.example:8443``."""
    listen: str = "127.0.0.1:8443"
    tls: bool = True
    store: str = ""
    """Database URL; empty: ``spean.db`` in the home folder."""
    content_keys: str = ""
    """Key store URL; empty: ``content-keys.db`` in the home folder. Never the same database as ``store``."""
    mediator: str = "INT"
    webhook: str = ""
    """Out-of-band alarms are posted here as JSON."""
    mail_server: str = ""
    mail_from: str = ""
    mail_to: tuple[str, ...] = ()
    webhook_escalation: str = ""
    """Where alarms go that nobody acknowledged in time; empty: again to ``webhook``."""
    mail_escalate_to: tuple[str, ...] = ()
    """Whom they are mailed to then; empty: again ``mail_to``."""
    escalate_ms: int = 300_000
    """A critical alarm that nobody has acknowledged for so long is escalated."""
    escalate_warning_ms: int = 1_800_000
    """The same for a warning."""
    units: tuple[str, ...] = ("desk",)
    clocks: dict[str, int] = field(default_factory=dict)
    """National clocks by name, e.g. ``hold``; a procedure's default applies otherwise."""
    country: str = ""
    """ISO 3166 code of the country whose accounts and national clocks are ours; empty: the node's name when it is two letters."""
    institutions: dict[str, str] = field(default_factory=dict)
    """Our banks and exchanges: BIC (eight letters) or local code, and name. A user of a bank's desk has the code as its unit."""
    claim_rules: dict[str, str] = field(default_factory=dict)
    """Node → the rule of tracing (fifo, lifo, haircut) by which its law lets money be claimed; a case's own rule where none is given."""
    goaml: dict[str, str] = field(default_factory=dict)
    """What our financial intelligence unit wants in each goAML report: ``entity`` (our number there), ``branch``, ``code``, ``mode``,
    ``mode_comment``, ``funds``, ``currency``, ``indicators``, ``version``; officers may type others."""
    poll_ms: int = 25_000
    """How long a pull waits for something new."""
    undelivered_ms: int = 180_000
    """After this an undelivered fact raises an alarm (DOMAIN 3.2: three minutes)."""
    session_idle_ms: int = 30 * 60_000
    session_absolute_ms: int = 12 * 3_600_000

    def store_url(self, home: Path) -> str:
        return self.store or f"sqlite:///{home / 'spean.db'}"

    def content_keys_url(self, home: Path) -> str:
        return self.content_keys or f"sqlite:///{home / 'content-keys.db'}"

    @property
    def own_country(self) -> str:
        """The country that is ours; empty for an organisation."""
        return self.country or (self.node if len(self.node) == 2 else "")

    @property
    def log_origin(self) -> str:
        """Name of our exchange log in checkpoints."""
        return log_origin(self.realm, self.node)

    @property
    def domestic_origin(self) -> str:
        return f"{self.realm}/{self.node}/domestic"


def log_origin(realm: str, node: str) -> str:
    """Name of a node's exchange log: the same text everywhere, without spaces or plus signs (C2SP signed-note)."""
    return f"{realm}/{node}/exchange"


def save_settings(settings: Settings, home: Path) -> None:
    """Write ``settings.json``."""
    text = json.dumps({"format": FORMAT, **asdict(settings)}, indent=2, sort_keys=True)
    (home / "settings.json").write_text(text + "\n")


def load_settings(home: Path) -> Settings:
    """Read ``settings.json``; an unknown name or wrong type is refused with its name."""
    path = home / "settings.json"
    if not path.exists():
        raise NotFound(f"no node in {home}", remedy="spean init makes one; --home or SPEAN_HOME names the folder")
    try:
        known: dict[str, Any] = json.loads(path.read_text())
    except ValueError as broken:
        raise InvalidInput("settings.json", f"not JSON: {broken}", remedy="mend the file by hand") from broken
    if known.pop("format", None) != FORMAT:
        raise InvalidInput("format", "this settings file is of another version", remedy="run spean upgrade")
    names = {item.name for item in fields(Settings)}
    for name in known:
        if name not in names:
            raise InvalidInput(name, "no such setting", remedy=f"use one of {', '.join(sorted(names))}")
    for name in ("mail_to", "mail_escalate_to", "units"):
        known[name] = tuple(known.get(name, ()))
    settings = Settings(**known)
    check_node(settings.node)
    for name, value in settings.goaml.items():
        if name not in GOAML or not isinstance(value, str):
            raise InvalidInput("goaml", f"{name!r} is no text that a report needs", remedy=f"use {', '.join(GOAML)}")
    for node, rule in settings.claim_rules.items():
        if rule not in ("fifo", "lifo", "haircut"):
            why = f"{node}: {rule!r} is no rule by which money is claimed"
            raise InvalidInput("claim_rules", why, remedy="fifo, lifo or haircut")
    return settings
