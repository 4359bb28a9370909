"""账号审批 in the inbox of the offices; the administrators, who have no inbox, are notified."""

from __future__ import annotations

from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.account_requests import awaiting_decision
from zaozhuang_portal.operations.selectors.todos import TodoPart


def account_parts(actor: Actor) -> list[TodoPart]:
    """Account acts of others that wait for this actor's decision."""
    if actor.role not in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        return []
    return [
        TodoPart(
            key="account_requests",
            act="批准账号事项",
            label="待批准的账号事项",
            unit="项",
            rows=awaiting_decision(actor),
            page=lambda target, aux: reverse("accounts:request_detail", kwargs={"pk": target}),
            what=Concat("full_name", Value("（"), "username", Value("）")),
            note="place",
            place="organization__name",
            arrived="requested_at",
            identity=lambda target, aux: ("AccountRequest", str(target)),
            url=f"{reverse('accounts:request_list')}?state=MINE",
        )
    ]
