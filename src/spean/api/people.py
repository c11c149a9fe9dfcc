"""Sign-in, accounts, and the administration of users and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as FromQuery

from spean.api import account, sign_in, views
from spean.api.bodies import NewToken, NewUser, Nothing, Rights
from spean.api.guarded import Answer, Caller, StrictRoute
from spean.core.roles import Role
from spean.door.access import Access
from spean.node import Node


def routes(node: Node, access: Access, guarded: type[StrictRoute]) -> APIRouter:
    """Who is signed in, and who may be."""
    router = APIRouter(prefix="/api/v1", tags=["people"])
    router.include_router(sign_in.routes(node, access, guarded))
    router.include_router(account.routes(node, guarded))
    router.include_router(_administration(node, guarded))
    return router


def _administration(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    router = APIRouter(route_class=guarded)

    @router.get("/users", summary="All users (administrator)")
    def users(_: Annotated[Nothing, FromQuery()], who: Caller) -> Answer:
        rows = node.administering.users(who)
        return Answer({"users": [views.user(row.user) | views.holds(row.held) for row in rows]})

    @router.post("/users", status_code=201, summary="Make a user (administrator)")
    def add(body: NewUser, who: Caller) -> Answer:
        made = node.administering.add(
            who, body.name, unit=body.unit, roles=tuple(body.roles), kind=body.kind, languages=tuple(body.languages)
        )
        return Answer(views.user(made), 201)

    @router.put("/users/{user}/rights", summary="Other roles or another unit; never your own (administrator)")
    def change(user: str, body: Rights, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        id = node.people.find(user).id
        return Answer(views.user(node.administering.change(who, id, unit=body.unit, roles=tuple(body.roles))))

    @router.post("/users/{user}/tokens", status_code=201, summary="A secret for a user, shown once (administrator)")
    def token(user: str, body: NewToken, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        id, verbs = node.people.find(user).id, node.administering
        secret = verbs.link(who, id) if body.use == "link" else verbs.token(who, id, days=body.days, label=body.label)
        return Answer({"user": id, "use": body.use, "secret": secret}, 201)

    @router.post("/users/{user}/disable", summary="End a user's rights, tokens and sessions at once (administrator)")
    def disable(user: str, who: Caller) -> Answer:
        who.need(Role.ADMINISTRATOR)
        return Answer(views.user(node.administering.disable(who, node.people.find(user).id)))

    return router
