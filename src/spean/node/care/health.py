"""Whether a node is well: each line says ok, warn or fail, and how to mend it. For ``spean doctor`` and the administrator's page.

It changes nothing, and may run every minute beside a served node.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from spean.core.errors import NotFound, SpeanError, Unavailable, VerificationFailed
from spean.core.world import DAY, MINUTE, SECOND, SystemClock, iso
from spean.exchange.identity import read_identity
from spean.ledger.merkle import head_at, leaf_hash
from spean.node.care import keeping
from spean.node.care.restoring import BACKUP_AT
from spean.node.settings import Settings
from spean.node.work import DOMESTIC, EXCHANGE
from spean.store.schema import REVISION

if TYPE_CHECKING:
    from spean.node.ground import Ground

Verdict = Literal["ok", "warn", "fail"]
LEAST_FREE, LITTLE_FREE = 200 << 20, 2 << 30
"""Bytes free on the disk under which the node is about to fail, and under which somebody should look."""
CLOCK = 60 * SECOND
LATE_JOBS = 5 * MINUTE
BACKUP_AGE = 2 * DAY
QUICK_CHECK = 256 << 20
"""A database up to this size is checked at every run, a larger one with ``--full``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    says: str
    remedy: str = ""


def named(settings: Settings) -> Line:
    """Which node this is."""
    return Line("settings", "ok", f"{settings.node} ({settings.name}), realm {settings.realm}")


def machine(home: Path) -> Iterator[Line]:
    """The folder and the disk."""
    yield _folder(home)
    yield _disk(home)


def served(node: Ground, *, network: bool) -> Iterator[Line]:
    """Everything about a node that is open: for its own pages."""
    yield named(node.settings)
    yield from machine(node.home)
    yield _fits(node.store.version(), REVISION)
    yield from _names(node)
    yield from node_lines(node, full=False, network=network)


def _names(node: Ground) -> Iterator[Line]:
    """Names and exact values that answers do not know yet: after a start, and while a large file comes in."""
    names = node.matching.asking.book.progress()
    with node.reading() as tx:
        facts = node.same.unlooked(tx)
    if names.unread:
        says = f"names: {names.read:,} of {names.of:,} read; answers about older ones are not complete yet"
        yield Line("names", "warn", says, "wait some minutes; each answer says how many it did not know")
    if facts:
        says = f"{facts:,} older facts are not indexed yet; questions about exact values do not look at them"
        yield Line("values", "warn", says, "wait some minutes; each answer says how many it did not look at")


def node_lines(node: Ground, *, full: bool, network: bool) -> Iterator[Line]:
    """An open node. ``full`` checks the whole database and recomputes both logs; ``network`` calls the partners."""
    checks: list[Callable[[], Line]] = [
        lambda: _keys(node), lambda: _identity(node), lambda: _tls(node), lambda: _database(node, full=full), lambda: _logs(node, full=full),
        lambda: _restored(node), lambda: _backup(node), lambda: _clock(node), lambda: _service(node), lambda: _held(node),
    ]  # fmt: skip
    for check in checks:
        yield _tried(check)
    yield from _peers(node, network=network)
    yield _tried(lambda: _alarms(node))


def _tried(check: Callable[[], Line]) -> Line:
    try:
        return check()
    except SpeanError as wrong:
        return failed("node", wrong)


def failed(name: str, wrong: SpeanError) -> Line:
    """What went wrong while looking is a finding, too."""
    return Line(name, "fail", " — ".join(word for word in (wrong.what, wrong.why) if word), wrong.remedy)


# the machine ------------------------------------------------------------------------------------------------


def _folder(home: Path) -> Line:
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return Line("home", "warn", f"{home} has mode {mode:04o}", f"chmod 700 {home}")
    return Line("home", "ok", str(home))


def _disk(home: Path) -> Line:
    usage = shutil.disk_usage(home)
    says = f"{usage.free >> 20} MB of {usage.total >> 20} MB free"
    if usage.free < LEAST_FREE:
        return Line("disk", "fail", says, "make room now: the node refuses to write when the disk is full")
    return Line("disk", "warn", says, "make room") if usage.free < LITTLE_FREE else Line("disk", "ok", says)


def tables(settings: Settings, home: Path) -> Line:
    """Whether the tables are of this version; for a node that is not open yet."""
    if not settings.store and not (home / "spean.db").is_file():
        return Line("tables", "fail", "the database is missing", "restore a backup: spean restore")
    try:
        return _fits(*keeping.tables(settings, home))
    except SpeanError as wrong:
        return failed("tables", wrong)


def _fits(found: str | None, ours: str) -> Line:
    if found != ours:
        says = f"version {found}, this program writes {ours}"
        return Line("tables", "fail", says, "stop the node, then: spean upgrade")
    return Line("tables", "ok", f"version {found}")


def _clock(node: Ground) -> Line:
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
            f"our last fact is dated {_moment(newest)}, the clock says {_moment(now)}",
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
    return Line("clock", "ok", f"{_moment(now)}, {len(offsets) - len(off)} of {len(offsets)} partners agree")


# the node ---------------------------------------------------------------------------------------------------


def _keys(node: Ground) -> Line:
    file = node.home / "keys" / "keys.json"
    if file.is_file() and json.loads(file.read_text(encoding="utf-8")).get("sealed") is None:
        return Line("keys", "warn", "the key files have no passphrase", "see operations, section 2")
    return Line("keys", "ok", f"signing key {node.keys.sign_id}")


def _identity(node: Ground) -> Line:
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


def _tls(node: Ground) -> Line:
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


def _database(node: Ground, *, full: bool) -> Line:
    """SQLite's own check, on a connection that cannot write."""
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


def _logs(node: Ground, *, full: bool) -> Line:
    """With ``full`` everything is recomputed; otherwise the last entries and the last checkpoint."""
    sizes = []
    for log in (EXCHANGE, DOMESTIC):
        try:
            sizes.append(node.logs.verify(log).size if full else _quick(node, log))
        except VerificationFailed as wrong:
            return failed("logs", wrong)
    how = "recomputed" if full else "last entries and checkpoint verified"
    return Line("logs", "ok", f"exchange {sizes[0]}, domestic {sizes[1]} entries, {how}")


def _quick(node: Ground, log: str) -> int:
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


def _restored(node: Ground) -> Line:
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


def _backup(node: Ground) -> Line:
    """When the last one was made, as far as this node knows: one that another program makes is not seen here."""
    with node.store.read() as tx:
        at = int(tx.meta.get(BACKUP_AT) or 0)
    if node.clock.now() - at > BACKUP_AGE:
        says = f"the last one is of {_moment(at)}" if at else "none was made by this node yet"
        return Line("backup", "warn", says, "spean backup TARGET; see operations, section 6")
    return Line("backup", "ok", f"the last one is of {_moment(at)}")


def _service(node: Ground) -> Line:
    """Whether somebody does what is due: the sign of a node that is not served."""
    with node.store.read() as tx:
        due = tx.jobs.next_due()
    if due is not None and node.clock.now() - due > LATE_JOBS:
        return Line("clockwork", "fail", f"something is due since {_moment(due)}", "start the node: spean serve")
    return Line("clockwork", "ok", "nothing is overdue" if due is None else f"next at {_moment(due)}")


def _held(node: Ground) -> Line:
    """Facts that were neither accepted nor refused."""
    with node.store.read() as tx:
        counts = {
            status: len(tx.facts.by_status(status, limit=1000)) for status in ("waiting", "quarantined", "unknown")
        }
    found = ", ".join(f"{count}{'+' if count == 1000 else ''} {status}" for status, count in counts.items() if count)
    if counts["unknown"]:
        return Line("held facts", "warn", found, "some need a newer version of Spean: upgrade")
    return Line("held facts", "ok", found or "none")


def _alarms(node: Ground) -> Line:
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


def _peers(node: Ground, *, network: bool) -> Iterator[Line]:
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


def _reach(node: Ground, peer: str) -> Line:
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


def _moment(milliseconds: int) -> str:
    """A time to the second, in UTC."""
    return iso(milliseconds)[:19] + "Z"
