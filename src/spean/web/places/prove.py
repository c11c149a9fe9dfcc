"""A fresh proof that it is still the same person, before what gives rights or changes how one signs in (ASVS 7.5)."""

from __future__ import annotations

from collections.abc import Callable

from spean.core.errors import NotFound, TooMuch, Unauthenticated
from spean.door.access import address_of
from spean.web.frame.pages import Answer, Pages, Shown
from spean.web.frame.problem import MAX_KEPT, proof_wanted
from spean.web.frame.visit import Visit, local_path
from spean.web.places.sign_in import credential, resumed

pages = Pages()


@pages.get("/account/prove")
def prove(visit: Visit) -> Answer:
    """The ways to prove it that this person has."""
    return proof_wanted(visit, back=local_path(visit.query("back", "/account")), kept="", error=None)


@pages.post("/account/prove/passkey")
def by_passkey(visit: Visit) -> Answer:
    """With one of one's own passkeys."""
    secret, address = visit.office.access.secret_of(visit.request), address_of(visit.request)
    return _tried(visit, lambda: visit.node.signing_in.prove(secret, credential(visit), address=address))


@pages.post("/account/prove/password")
def by_password(visit: Visit) -> Answer:
    """With password and one-time code."""
    secret = visit.office.access.secret_of(visit.request)
    password, code = visit.typed("secret.password"), visit.typed("secret.code")
    return _tried(visit, lambda: visit.node.signing_in.prove_password(secret, password, code))


def _tried(visit: Visit, attempt: Callable[[], str]) -> Answer:
    """The session goes on under a new secret, and so does what was begun; or the ways again."""
    back = local_path(visit.typed("back", "/account"))
    try:
        session = attempt()
    except (Unauthenticated, NotFound, TooMuch) as wrong:
        page = proof_wanted(visit, back=back, kept=visit.typed("kept")[:MAX_KEPT], error=wrong)
        return Shown(page, 403 if wrong.status == 401 else wrong.status)
    access = visit.office.access
    visit.cookies.append((access.cookie, session, access.session_seconds))
    visit.someone = visit.node.people.authenticate(session, through="session")
    return resumed(visit, back, proved=True)
