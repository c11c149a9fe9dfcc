"""Sessions, and the administration of users and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as FromQuery

from spean.api import views
from spean.door.access import Access
from spean.api.bodies import NewToken, NewUser, Nothing, SigningIn
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.core.roles import Role
from spean.node import Node
from spean.node.people import Who


def routes(node: Node, access: Access, guarded: type[StrictRoute]) -> APIRouter:
    """Who is signed in, and who may be."""
    router = APIRouter(prefix="/api/v1", tags=["people"])
    router.include_router(_signing_in(node, access))
    router.include_router(_session(access, guarded, node))
    router.include_router(_administration(node, guarded))
    return router


def _signing_in(node: Node, access: Access) -> APIRouter:
    router = APIRouter(route_class=StrictRoute)

    @router.post("/session", status_code=201, summary="Turn a one-time link into a session (sets its cookie)")
    def sign_in(body: SigningIn, request: Request) -> Answer:
        secret = access.sign_in(request, body.link)
        answer = Answer(_me(node, node.people.authenticate(secret, through="session")), 201)
        access.set_cookie(answer, secret)
        return answer

    return router


def _session(access: Access, guarded: type[StrictRoute], node: Node) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/session", summary="Who asks")
    def me(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        return Answer(_me(node, who))

    @router.delete("/session", summary="End the session or token that asks")
    def sign_out(request: Request, who: Caller) -> Answer:
        access.sign_out(request)
        answer = Answer({"ended": who.id})
        access.drop_cookie(answer)
        return answer

    return router


def _me(node: Node, who: Who) -> views.View:
    return {"node": node.me, "name": node.settings.name, "through": who.through, "user": views.user(who.user)}


def _administration(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/users", summary="All users (administrator)")
    def users(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        return Answer({"users": [views.user(row) for row in node.people.list()]})

    @router.post("/users", status_code=201, summary="Make a user (administrator)")
    def add(body: NewUser, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        made = node.people.add(
            body.name, unit=body.unit, roles=tuple(body.roles), kind=body.kind, languages=tuple(body.languages)
        )
        return Answer(views.user(made), 201)

    @router.post("/users/{user}/tokens", status_code=201, summary="A secret for a user, shown once (administrator)")
    def token(user: str, body: NewToken, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        row = node.people.find(user)
        secret = node.people.token(row, use=body.use, days=body.days, label=body.label)
        return Answer({"user": row.id, "use": body.use, "secret": secret}, 201)

    @router.post("/users/{user}/disable", summary="End a user's rights, tokens and sessions at once (administrator)")
    def disable(user: str, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        return Answer(views.user(node.people.disable(user)))

    return router
