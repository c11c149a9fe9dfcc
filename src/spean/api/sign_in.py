"""Signing in by passkey or by password and code, proving oneself again, one's sessions, and the wishes for the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as FromQuery

from spean.api import views
from spean.api.bodies import Nothing, SigningIn
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.sign_in_bodies import ByPasskey, ByPassword, Preferences, Proof, SessionId
from spean.door.access import Access, address_of
from spean.node import Node
from spean.node.entry.people import Who


def routes(node: Node, access: Access, guarded: type[StrictRoute]) -> APIRouter:
    """Coming in, staying in, and going out."""
    router = APIRouter()
    router.include_router(_coming_in(node, access))
    router.include_router(_session(node, access, guarded))
    router.include_router(_sessions(node, guarded))
    return router


def _coming_in(node: Node, access: Access) -> APIRouter:
    """A stranger may ask these, from our own pages."""
    router = APIRouter(route_class=StrictRoute)

    def entered(secret: str, *, device: bool) -> Answer:
        answer = Answer(me(node, node.people.authenticate(secret, through="session")), 201)
        access.set_cookie(answer, secret)
        if device:
            access.know_device(answer, secret)
        return answer

    @router.post("/session", status_code=201, summary="Turn a one-time link into a session (sets its cookie)")
    def by_link(body: SigningIn, request: Request) -> Answer:
        return entered(access.sign_in(request, body.link), device=False)

    @router.post("/session/passkey/options", summary="What the browser's authenticator is asked for, to sign in")
    def passkey_options(request: Request) -> Answer:
        access.check_own_page(request)
        return Answer(node.signing_in.sign_in_options(address=address_of(request)))

    @router.post("/session/passkey", status_code=201, summary="Sign in with a passkey (sets the session's cookie)")
    def by_passkey(body: ByPasskey, request: Request) -> Answer:
        access.check_own_page(request)
        secret = node.signing_in.sign_in_passkey(body.credential, address=address_of(request))
        return entered(secret, device=True)

    @router.post("/session/password", status_code=201, summary="Sign in with password and one-time code")
    def by_password(body: ByPassword, request: Request) -> Answer:
        access.check_own_page(request)
        secret = node.signing_in.sign_in_password(
            body.name, body.password, body.code, address=address_of(request), device=access.device_of(request)
        )
        return entered(secret, device=True)

    return router


def _session(node: Node, access: Access, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/session", summary="Who asks")
    def who_am_i(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer(me(node, who))

    @router.delete("/session", summary="End the session or token that asks")
    def sign_out(request: Request, who: Caller) -> Answer:
        access.sign_out(request)
        answer = Answer({"ended": who.id})
        access.drop_cookie(answer)
        return answer

    @router.post("/session/proof/options", summary="What the browser's authenticator is asked for, for a fresh proof")
    def proof_options(who: Caller) -> Answer:
        return Answer(node.signing_in.proof_options(who))

    @router.post("/session/proof", summary="Prove yourself again: the session goes on under a new secret")
    def prove(body: Proof, request: Request, _: Caller) -> Answer:
        secret = access.secret_of(request)
        if body.credential is not None:
            fresh = node.signing_in.prove(secret, body.credential, address=address_of(request))
        else:
            fresh = node.signing_in.prove_password(secret, body.password, body.code)
        answer = Answer(me(node, node.people.authenticate(fresh, through="session")))
        access.set_cookie(answer, fresh)
        return answer

    @router.put("/session/preferences", summary="How the pages speak to you")
    def prefer(body: Preferences, who: Caller) -> Answer:
        row = node.people.prefer(
            who, language=body.language, time_zone=body.time_zone, calendar=body.calendar, theme=body.theme
        )
        return Answer(views.preferences(row))

    return router


def _sessions(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/sessions", summary="Your own sessions, the latest first")
    def sessions(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer({"sessions": [views.session(each) for each in node.signing_in.sessions(who)]})

    @router.delete("/sessions/{session}", summary="End one of your own sessions")
    def end(session: SessionId, who: Caller) -> Answer:
        node.signing_in.end_session(who, session)
        return Answer({"ended": session})

    @router.delete("/sessions", summary="End all your sessions but the one that asks")
    def end_others(who: Caller) -> Answer:
        return Answer({"ended": node.signing_in.end_others(who)})

    @router.get("/account/history", summary="What happened to your account: sign-ins, also failed ones, and changes")
    def history(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer({"history": [views.reader(row) for row in node.signing_in.history(who)]})

    return router


def me(node: Node, who: Who) -> views.View:
    """The one who asks, as that person sees it."""
    return {
        "node": node.me, "name": node.settings.name, "through": who.through, "user": views.user(who.user),
        "method": who.method, "strong_at": views.at(who.strong_at or None), "needs_proof": node.signing_in.needs_proof(who),
        "preferences": views.preferences(who.user),
    }  # fmt: skip
