"""What officers see of the node's rows: plain values, times in ISO 8601, no keys, no signatures, no secrets."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from spean.agreements.preview import PreviewLine
from spean.core.world import iso
from spean.node.acts.acting import Done
from spean.node.acts.assertions import AGE, Prepared
from spean.node.acts.onward import PassedOn
from spean.node.acts.recalling import Recalled
from spean.node.entry.authenticators import Held
from spean.node.entry.sign_in_passkeys import encoded
from spean.node.entry.signing_in import Session
from spean.node.views.reading import FactView, RecordDetail
from spean.node.views.searching import Found
from spean.procedures.declare import Procedure
from spean.procedures.describe import describe
from spean.procedures.engine import Offer

if TYPE_CHECKING:  # numbering plans are heavy, and only who asks the directory needs them
    from spean.directory.service import KnownDesk, Proposal

View = dict[str, Any]
Row = Any
"""A row as the node hands it out. Faces look at rows and never make one, so they do not know the store's module."""


def at(milliseconds: int | None) -> str | None:
    """A time for people and programs; None stays None."""
    return None if milliseconds is None else iso(milliseconds)


def done(result: Done) -> View:
    """What came of an act."""
    return {
        "fact": result.fact, "record": result.record, "state": result.state, "recipients": result.recipients,
        "behind": result.behind, "deciding": dict(zip(result.recipients, result.deciding, strict=False)),
    }  # fmt: skip


def recalled(result: Recalled | None) -> View:
    """A recall under way: one record for each holder."""
    if result is None:
        return {"correction": "", "recalls": {}}
    return {"fact": result.fact, "correction": result.correction, "recalls": result.records}


def passed_on(result: PassedOn) -> View:
    """A fact on its way to a third node; ``consent``: the record of the owner's consent, empty when none was needed."""
    return {**done(result.done), "consent": result.consent}


def record(row: Row) -> View:
    """A line of the desk's queue."""
    return {
        "id": row.id, "procedure": row.procedure, "version": row.version, "state": row.state, "parties": row.parties,
        "closed": row.closed, "due_at": at(row.due_at), "opened_at": at(row.opened_at),
        "changed_at": at(row.changed_at), "entered_at": at(row.entered_at), "instrument": row.instrument,
        "purpose": row.purpose, "via": row.via, "unit": row.unit,
    }  # fmt: skip


def detail(found: RecordDetail) -> View:
    """A record with its facts, what the reader may do now, and who holds something of it."""
    return {
        **record(found.row),
        "heads": found.row.heads,
        "done": found.row.done,
        "facts": [fact(each) for each in found.facts],
        "offers": [offer(each) for each in found.offers],
        "held_by": [{"node": node, "receipt": status} for node, status in found.held_by],
    }


def prepared(act: Prepared) -> View:
    """An act that is judged and not done: what it would be, and the options for ``navigator.credentials.get``."""
    challenge = urlsafe_b64encode(act.challenge).decode().rstrip("=")
    allowed = [{"type": "public-key", "id": urlsafe_b64encode(id).decode().rstrip("=")} for id in act.credentials]
    return {
        "challenge": challenge, "at": act.at, "record": act.record, "state": act.state, "recipients": act.reached, "behind": act.behind,
        "envelope": act.envelope, "words": act.words.decode(),
        "options": {"challenge": challenge, "rpId": act.rp_id, "allowCredentials": allowed, "userVerification": "required", "timeout": AGE},
    }  # fmt: skip


def fact(view: FactView) -> View:
    """One fact; ``by`` and ``form`` are null once it is erased."""
    row, header = view.row, view.header
    return {
        "id": row.id, "record": row.record, "kind": row.kind, "origin": row.origin, "track": row.track,
        "at": at(row.at), "status": row.status, "reason": row.reason, "step": row.step,
        "superseded_by": row.superseded_by, "received_from": row.received_from,
        "received_at": at(row.received_at or None), "erased_at": at(row.erased_at), "log": row.log, "index": row.index,
        "unit": header.get("unit", ""), "actor": header.get("actor", ""), "actor_kind": header.get("actor_kind", ""),
        "by": view.by, "officer": view.officer, "form": view.form, "envelope": header.get("envelope"), "targets": header.get("targets", ()),
        "builds_on": header.get("builds_on", ()), "batch": header.get("batch", ""),
        "receipts": [receipt(each) for each in view.receipts],
    }  # fmt: skip


def found(page: Found) -> View:
    """A page of a search; ``marks``: the fields in which the words stand, and where. ``alike``: found by sound only, a candidate."""
    return {
        "facts": [
            {
                **fact(hit.fact), "alike": hit.alike,
                "marks": [{"path": m.path, "text": m.text, "at": m.at, "alike": m.alike} for m in hit.marks],
            }
            for hit in page
        ],
        "before": page.before, "cut": page.cut, "behind": page.behind, "facets": page.facets,
    }  # fmt: skip


def receipt(row: Row) -> View:
    """What a receipt says; ``in``: we got it, ``out``: we gave it."""
    return {
        "peer": row.peer, "direction": row.direction, "status": row.status, "step": row.step, "rule": row.rule,
        "reason": row.reason, "at": at(row.at),
    }  # fmt: skip


def offer(each: Offer) -> View:
    """An act that may be done now, or what is in its way."""
    t = each.transition
    return {
        "kind": each.kind, "doc": t.doc, "adverse": each.adverse, "human": t.human, "bulk": t.bulk, "local": t.local,
        "to_state": t.target, "roles": t.roles, "refusal": None if each.refusal is None else each.refusal.diagnostics(),
    }  # fmt: skip


def preview(line: PreviewLine) -> View:
    """Would this node receive it, and why."""
    clauses = [
        {"name": each.name, "article": each.article, "holds": each.holds, "says": each.says} for each in line.clauses
    ]
    return {
        "node": line.node, "allowed": line.allowed, "instrument": line.instrument, "rule": line.rule,
        "reason": line.reason, "remedy": line.remedy, "clauses": clauses,
    }  # fmt: skip


def alarm(row: Row) -> View:
    """Something that a person must see."""
    return {
        "id": row.id, "kind": row.kind, "severity": row.severity, "text": row.text, "at": at(row.at),
        "acknowledged_by": row.acknowledged_by, "acknowledged_at": at(row.acknowledged_at), "sent_at": at(row.sent_at),
        "escalated_at": at(row.escalated_at),
    }  # fmt: skip


def peer(row: Row, backlog: int) -> View:
    """A partner's health. ``backlog``: facts of ours that it has not acknowledged; ``clock_offset`` in ms."""
    return {
        "node": row.node, "name": row.name, "url": row.url, "status": row.status, "added_at": at(row.added_at),
        "last_contact": at(row.last_contact), "last_error": row.last_error, "failures": row.failures,
        "backlog": backlog, "received": row.in_seq, "clock_offset": row.clock_offset, "version": row.version,
    }  # fmt: skip


def user(row: Row) -> View:
    """A person or service of this node."""
    return {
        "id": row.id, "name": row.name, "kind": row.kind, "unit": row.unit, "roles": row.roles,
        "languages": row.languages, "created_at": at(row.created_at), "disabled_at": at(row.disabled_at),
    }  # fmt: skip


def holds(held: Held | None) -> View:
    """What a user can sign in with."""
    return {"passkeys": 0 if held is None else held.passkeys, "password": held is not None and held.password}


def preferences(row: Row) -> View:
    """How the pages speak to a user."""
    return {"language": row.language, "time_zone": row.time_zone, "calendar": row.calendar, "theme": row.theme}


def passkey(row: Row) -> View:
    """One of a person's passkeys; its key itself is of no use to anybody."""
    return {
        "id": encoded(row.id), "label": row.label, "transports": row.transports, "backed_up": row.backed_up,
        "created_at": at(row.created_at), "last_used_at": at(row.last_used_at),
    }  # fmt: skip


def session(row: Session) -> View:
    """One of a person's sessions."""
    return {
        "id": row.id, "method": row.method, "since": at(row.since), "last_used": at(row.last_used), "ends": at(row.ends),
        "strong_at": at(row.strong_at or None), "this": row.this,
    }  # fmt: skip


def recovery(row: Row) -> View:
    """The recovery of an account and who takes part in it; the reason stands in the fact."""
    return {
        "id": row.id, "user": row.user, "asked_by": row.asked_by, "asked_at": at(row.asked_at), "fact": row.reason_fact,
        "approved_by": row.approved_by, "approved_at": at(row.approved_at), "spent_at": at(row.spent_at),
        "expires_at": at(row.expires_at),
    }  # fmt: skip


def reader(row: Row) -> View:
    """Who read or searched it; the reason stands in the fact."""
    return {"at": at(row.at), "user": row.user, "act": row.act, "subject": row.subject, "fact": row.fact}


def procedure(each: Procedure, versions: tuple[int, ...]) -> View:
    """A procedure as it is declared: everything that a page, a command or a jurist needs (D6)."""
    return {**describe(each), "versions": versions}


def desk(known: KnownDesk) -> View:
    """A desk as its node has published it, with its roster and public keys."""
    return {"node": known.node, "record": known.record, "desk": known.desk}


def proposal(each: Proposal) -> View:
    """A desk that answers for what was asked, why, and who is on duty there."""
    return {**desk(each.desk), "why": each.why, "open": each.open, "on_duty": each.on_duty, "weight": each.weight}
