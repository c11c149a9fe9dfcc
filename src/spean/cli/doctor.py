"""``spean doctor``: each line says ok, warn or fail, and how to mend it. Exit status 1 when anything fails.

It changes nothing, and may run every minute beside a served node.
"""

from __future__ import annotations

import shutil
import stat
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from spean.cli.context import Cli
from spean.cli.show import moment, plain, table
from spean.core.errors import NotFound, SpeanError, Unavailable, VerificationFailed
from spean.core.world import DAY, MINUTE, SECOND, SystemClock

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.cli.parser import Parser
    from spean.node.node import Node
    from spean.node.settings import Settings

Verdict = Literal["ok", "warn", "fail"]
LEAST_FREE, LITTLE_FREE = 200 << 20, 2 << 30
"""Bytes free on the disk under which the node is about to fail, and under which somebody should look."""
CLOCK = 60 * SECOND
LATE_JOBS = 5 * MINUTE
QUICK_CHECK = 256 << 20
"""A database up to this size is checked at every run, a larger one with ``--full``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    says: str
    remedy: str = ""


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean doctor``."""
    parser.epilog = "Exit status 1 when a line says fail. It changes nothing and may run beside a served node."
    parser.add_argument("--full", action="store_true", help="check the whole database and recompute both logs")
    parser.add_argument("--no-network", action="store_true", help="call no partner")
    parser.set_defaults(run=doctor)


def doctor(cli: Cli, options: Namespace) -> int:
    """Look at everything."""
    lines = list(examine(cli, full=options.full, network=not options.no_network))
    well = not any(line.verdict == "fail" for line in lines)
    rows = [(line.verdict, line.name, line.says + (f" — {line.remedy}" if line.remedy else "")) for line in lines]
    cli.say({"ok": well, "checks": [plain(line) for line in lines]}, table(("", "what", "finding"), rows))
    return 0 if well else 1


def examine(cli: Cli, *, full: bool, network: bool) -> Iterator[Line]:
    """Every finding; what cannot be looked at because of an earlier failure is left out."""
    from spean.node.settings import load_settings

    try:
        settings = load_settings(cli.home)
    except SpeanError as wrong:
        yield _failed("settings", wrong)
        return
    yield Line("settings", "ok", f"{settings.node} ({settings.name}), realm {settings.realm}")
    yield _folder(cli)
    yield _disk(cli)
    store = _version(cli, settings)
    yield store
    if store.verdict == "fail":
        return
    try:
        with cli.node() as node:
            yield from _node(node, full=full, network=network)
    except SpeanError as wrong:
        yield _failed("keys", wrong)


def _node(node: Node, *, full: bool, network: bool) -> Iterator[Line]:
    checks: list[Callable[[], Line]] = [
        lambda: _keys(node), lambda: _identity(node), lambda: _tls(node), lambda: _database(node, full=full), lambda: _logs(node, full=full),
        lambda: _restored(node), lambda: _clock(node), lambda: _service(node), lambda: _held(node),
    ]  # fmt: skip
    for check in checks:
        yield _tried(check)
    yield from _peers(node, network=network)
    yield _tried(lambda: _alarms(node))


def _tried(check: Callable[[], Line]) -> Line:
    try:
        return check()
    except SpeanError as wrong:
        return _failed("node", wrong)


def _failed(name: str, wrong: SpeanError) -> Line:
    return Line(name, "fail", " — ".join(word for word in (wrong.what, wrong.why) if word), wrong.remedy)


# the machine ------------------------------------------------------------------------------------------------


def _folder(cli: Cli) -> Line:
    mode = stat.S_IMODE(cli.home.stat().st_mode)
    if mode & 0o077:
        return Line("home", "warn", f"{cli.home} has mode {mode:04o}", f"chmod 700 {cli.home}")
    return Line("home", "ok", str(cli.home))


def _disk(cli: Cli) -> Line:
    usage = shutil.disk_usage(cli.home)
    says = f"{usage.free >> 20} MB of {usage.total >> 20} MB free"
    if usage.free < LEAST_FREE:
        return Line("disk", "fail", says, "make room now: the node refuses to write when the disk is full")
    return Line("disk", "warn", says, "make room") if usage.free < LITTLE_FREE else Line("disk", "ok", says)


def _version(cli: Cli, settings: Settings) -> Line:
    from spean.node import keeping

    if not settings.store and not (cli.home / "spean.db").is_file():
        return Line("tables", "fail", "the database is missing", "restore a backup: spean restore")
    try:
        found, ours = keeping.tables(settings, cli.home)
    except SpeanError as wrong:
        return _failed("tables", wrong)
    if found != ours:
        return Line(
            "tables", "fail", f"version {found}, this program writes {ours}", "stop the node, then: spean upgrade"
        )
    return Line("tables", "ok", f"version {found}")


def _clock(node: Node) -> Line:
    """Ours against those of the partners, and against what we wrote last: a clock that went back."""
    now = node.clock.now()
    with node.store.read() as tx:
        newest = max((fact.at for fact in tx.facts.recent(limit=20) if fact.origin == node.me), default=0)
        offsets = [
            row.clock_offset for row in tx.peers.list() if row.status == "active" and row.last_contact is not None
        ]
    if newest > now + CLOCK:
        return Line(
            "clock",
            "fail",
            f"our last fact is dated {moment(newest)}, the clock says {moment(now)}",
            "set the clock by NTP",
        )
    off = [offset for offset in offsets if abs(offset) > CLOCK]
    if offsets and len(off) * 2 > len(offsets):
        return Line(
            "clock",
            "fail",
            f"{len(off)} of {len(offsets)} partners differ from us by over a minute",
            "set our clock by NTP",
        )
    return Line("clock", "ok", f"{moment(now)}, {len(offsets) - len(off)} of {len(offsets)} partners agree")


# the node ---------------------------------------------------------------------------------------------------


def _keys(node: Node) -> Line:
    import json

    file = node.home / "keys" / "keys.json"
    if file.is_file() and json.loads(file.read_text(encoding="utf-8")).get("sealed") is None:
        return Line("keys", "warn", "the key files have no passphrase", "see operations, section 2")
    return Line("keys", "ok", f"signing key {node.keys.sign_id}")


def _identity(node: Node) -> Line:
    from spean.exchange.identity import read_identity

    if node.identity is None:
        return Line(
            "identity", "fail", "the trust root has not admitted this node", "spean trust admit, then spean trust take"
        )
    identity = read_identity(node.identity)
    if identity.sign_id != node.keys.sign_id:
        return Line(
            "identity",
            "warn",
            "it names former keys; new partners need the present ones",
            "have identity.draft admitted: spean trust admit",
        )
    return Line("identity", "ok", f"serial {identity.serial}, {identity.url}")


def _tls(node: Node) -> Line:
    from cryptography import x509

    if not node.settings.tls:
        host = node.settings.listen.rpartition(":")[0].strip("[]")
        if host.startswith("127.") or host in ("localhost", "::1"):
            return Line("tls", "ok", "plain http on this machine only")
        return Line("tls", "fail", f"plain http on {host}", "set tls to true in settings.json")
    if not node.keys.tls_certificate:
        return Line("tls", "fail", "no certificate", "spean init makes one")
    certificate = x509.load_pem_x509_certificate(node.keys.tls_certificate.encode())
    left = certificate.not_valid_after_utc - datetime.fromtimestamp(node.clock.now() / SECOND, UTC)
    says = f"certificate until {certificate.not_valid_after_utc:%Y-%m-%d}"
    if left.total_seconds() * SECOND < 30 * DAY:
        return Line(
            "tls",
            "fail" if left.total_seconds() < 0 else "warn",
            says,
            "make a new one and give partners a new invitation",
        )
    return Line("tls", "ok", says)


def _database(node: Node, *, full: bool) -> Line:
    """SQLite's own check, on a connection that cannot write."""
    import sqlite3

    path = node.store.path
    if path is None:
        return Line("database", "ok", "PostgreSQL answers")
    if path.stat().st_size > QUICK_CHECK and not full:
        return Line("database", "ok", f"{path.stat().st_size >> 20} MB; the whole is checked with --full")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        answer = str(connection.execute("PRAGMA integrity_check(1)" if full else "PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        answer = str(error)
    finally:
        connection.close()
    if answer != "ok":
        return Line("database", "fail", f"damaged: {answer}", "stop the node and restore a backup: spean restore")
    return Line("database", "ok", f"{path.stat().st_size >> 20} MB, sound")


def _logs(node: Node, *, full: bool) -> Line:
    """With ``full`` everything is recomputed; otherwise the last entries and the last checkpoint."""
    from spean.node.work import DOMESTIC, EXCHANGE

    sizes = []
    for log in (EXCHANGE, DOMESTIC):
        try:
            sizes.append(node.logs.verify(log).size if full else _quick(node, log))
        except VerificationFailed as wrong:
            return _failed("logs", wrong)
    how = "recomputed" if full else "last entries and checkpoint verified"
    return Line("logs", "ok", f"exchange {sizes[0]}, domestic {sizes[1]} entries, {how}")


def _quick(node: Node, log: str) -> int:
    from spean.ledger.merkle import head_at, leaf_hash

    with node.store.read() as tx:
        head, read = tx.log.head(log), tx.log.reader(log)
        if head_at(head.size, read).root() != head.root():
            raise VerificationFailed(
                f"the {log} log differs from its tiles", remedy="spean log verify; restore a backup"
            )
        start = max(0, head.size - 256)
        if [leaf_hash(entry) for entry in tx.log.entries(log, start, head.size)] != tx.log.leaf_ids(
            log, start, head.size
        ):
            raise VerificationFailed(
                f"the last entries of the {log} log differ from their leaves", remedy="restore a backup"
            )
        signed = tx.witness.latest(node.logs.verifier(log).name)
        if signed is not None and (signed.size > head.size or head_at(signed.size, read).root() != signed.root):
            raise VerificationFailed(f"the {log} log is not the one that we signed at {signed.size} entries", rule="forked-log",
                                     remedy="do not start the node; restore a backup")  # fmt: skip
    return head.size


def _restored(node: Node) -> Line:
    with node.store.read() as tx:
        marker = tx.meta.get("restored")
    if marker:
        return Line(
            "restored",
            "warn",
            f"this node was restored: {marker}",
            "partners give back what is missing: see operations, section 7",
        )
    return Line("restored", "ok", "never restored, or complete again")


def _service(node: Node) -> Line:
    """Whether somebody does what is due: the sign of a node that is not served."""
    with node.store.read() as tx:
        due = tx.jobs.next_due()
    late = 0 if due is None else node.clock.now() - due
    if late > LATE_JOBS:
        return Line("clockwork", "fail", f"something is due since {moment(due)}", "start the node: spean serve")
    return Line("clockwork", "ok", "nothing is overdue" if due is None else f"next at {moment(due)}")


def _held(node: Node) -> Line:
    """Facts that were neither accepted nor refused."""
    with node.store.read() as tx:
        counts = {
            status: len(tx.facts.by_status(status, limit=1000)) for status in ("waiting", "quarantined", "unknown")
        }
    found = ", ".join(f"{count}{'+' if count == 1000 else ''} {status}" for status, count in counts.items() if count)
    if counts["unknown"]:
        return Line("held facts", "warn", found, "some need a newer version of Spean: upgrade")
    return Line("held facts", "ok", found or "none")


def _alarms(node: Node) -> Line:
    critical = [alarm for alarm in node.reading_desk.alarms() if alarm.severity == "critical"]
    if critical:
        return Line(
            "alarms",
            "fail",
            f"{len(critical)} critical, the latest: {critical[0].text}",
            "spean alarm list, then spean alarm ack",
        )
    return Line("alarms", "ok", "no critical alarm is open")


# partners ---------------------------------------------------------------------------------------------------


def _peers(node: Node, *, network: bool) -> Iterator[Line]:
    with node.reading() as tx:
        rows = [row for row in tx.peers.list() if row.status == "active"]
        oldest, counts = tx.outbox.oldest_unreceipted(), tx.outbox.counts()
    if not rows:
        yield Line("partners", "warn", "none", "spean peer invite")
        return
    if network:
        with ThreadPoolExecutor(max_workers=min(16, len(rows))) as pool:
            yield from pool.map(lambda row: _reach(node, row.node), rows)
    now = SystemClock().now()
    for row in rows:
        first = oldest.get(row.node)
        if first is None:
            continue
        waits, count = now - first.queued_at, counts[row.node].open
        says = f"{count} facts without a receipt, the oldest for {waits // MINUTE} minutes"
        if waits > node.settings.undelivered_ms:
            yield Line(f"to {row.node}", "fail", says, "call its desk; the next lawful way: spean preview")
        else:
            yield Line(f"to {row.node}", "ok", says)


def _reach(node: Node, peer: str) -> Line:
    """Ask for a proof of nothing: signed and answered like any other request."""
    try:
        node.pulling.line.consistency(peer, 1, 1)
    except Unavailable as down:
        return Line(f"line to {peer}", "fail", down.why or down.what, "see the partner's address and our network")
    except NotFound:
        return Line(f"line to {peer}", "ok", "answers; its log is empty")
    except SpeanError as refused:
        return Line(f"line to {peer}", "fail", str(refused), f"call {peer}'s administrator")
    return Line(f"line to {peer}", "ok", "answers")
