"""What one signs in with, and the recovery of who lost it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as FromQuery

from spean.api import views
from spean.api.bodies import Nothing
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.api.sign_in_bodies import ConfirmedCode, NewPasskey, NewPassword, NewRecovery, PasskeyId, RecoveryId
from spean.node import Node
from spean.node.entry.sign_in_passkeys import decoded_id


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """Passkeys, password and codes, recoveries."""
    router = APIRouter()
    router.include_router(_passkeys(node, guarded))
    router.include_router(_password(node, guarded))
    router.include_router(_recoveries(node, guarded))
    return router


def _passkeys(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/passkeys", summary="Your own passkeys")
    def passkeys(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer({"passkeys": [views.passkey(row) for row in node.signing_in.passkeys(who)]})

    @router.post("/passkeys/options", summary="What the browser's authenticator is asked for, to make a passkey")
    def options(who: Caller) -> Answer:
        return Answer(node.signing_in.registration_options(who))

    @router.post("/passkeys", status_code=201, summary="Register the passkey that the browser made")
    def register(body: NewPasskey, who: Caller) -> Answer:
        return Answer(views.passkey(node.signing_in.register(who, body.credential, body.label)), 201)

    @router.delete("/passkeys/{passkey}", summary="Drop one of your own passkeys; the last way in stays")
    def drop(passkey: PasskeyId, who: Caller) -> Answer:
        node.signing_in.drop_passkey(who, decoded_id(passkey))
        return Answer({"dropped": passkey})

    return router


def _password(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.put("/password", summary="Set your password; it signs in only together with confirmed codes")
    def set_password(body: NewPassword, who: Caller) -> Answer:
        node.signing_in.set_password(who, body.new, body.current)
        return Answer({"set": True})

    @router.delete("/password", summary="Drop your password and codes; the last way in stays")
    def drop_password(who: Caller) -> Answer:
        node.signing_in.drop_password(who)
        return Answer({"dropped": True})

    @router.post("/password/code", status_code=201, summary="A new secret for one-time codes, shown once")
    def begin_code(who: Caller) -> Answer:
        begun = node.signing_in.begin_code(who)
        return Answer({"secret": begun.secret, "uri": begun.uri}, 201)

    @router.post("/password/code/confirm", summary="Confirm the secret by the code that the app shows")
    def confirm_code(body: ConfirmedCode, who: Caller) -> Answer:
        node.signing_in.confirm_code(who, body.code)
        return Answer({"confirmed": True})

    return router


def _recoveries(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/recoveries", summary="Recoveries of lost authenticators (administrator, legal, auditor)")
    def recoveries(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer({"recoveries": [views.recovery(row) for row in node.recoveries.list(who)]})

    @router.post("/recoveries", status_code=201, summary="Ask for the recovery of a person's account (administrator)")
    def ask(body: NewRecovery, who: Caller) -> Answer:
        return Answer(views.recovery(node.recoveries.ask(who, node.people.find(body.user), body.reason)), 201)

    @router.post(
        "/recoveries/{recovery}/approve", status_code=201, summary="Approve it as another person: a link, once"
    )
    def approve(recovery: RecoveryId, who: Caller) -> Answer:
        return Answer({"recovery": recovery, "link": node.recoveries.approve(who, recovery)}, 201)

    return router
