"""Two districts with everything in them, and one actor per role, all placed in district A."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.test import Client

from cultivation.models import Subject, SubjectContact
from tests.factories import (
    actor_for,
    login,
    make_actor,
    make_liaison,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_user,
    make_year,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import MemberUnit, Organization
from zaozhuang_portal.kernel import clock

RELATIONS = ("own", "sibling", "foreign")
Builder = Callable[["World", "Place"], "models.Model | Mapping[str, Any]"]
_builders: dict[str, Builder] = {}


def register_object(name: str) -> Callable[[Builder], Builder]:
    """Declare how an object of that name is made for a place; returns an instance (kwarg pk) or URL kwargs."""

    def decorate(builder: Builder) -> Builder:
        if name in _builders:
            raise ValueError(f"matrix object {name} is registered twice")
        _builders[name] = builder
        return builder

    return decorate


@dataclass
class Place:
    """Where objects are built: `own` and `sibling` share district A; `canary` goes into every name made there."""

    relation: str
    district: Organization
    township: Organization
    member_unit: MemberUnit
    canary: str
    subject: Subject = field(init=False)


class World:
    def __init__(self) -> None:
        self.city = make_organization(Level.CITY)
        district_a = make_organization(Level.DISTRICT, name="矩阵甲区")
        district_b = make_organization(Level.DISTRICT, name="矩阵乙区")
        unit_a, unit_b = make_member_unit(district_a), make_member_unit(district_b)
        self.places = {
            relation: Place(
                relation=relation,
                district=district,
                township=make_organization(Level.TOWNSHIP, parent=district),
                member_unit=unit,
                canary=canary,
            )
            for relation, district, unit, canary in (
                ("own", district_a, unit_a, "翠鸟鸣"),
                ("sibling", district_a, unit_a, "白鹭飞"),
                ("foreign", district_b, unit_b, "金丝雀"),
            )
        }
        for place in self.places.values():
            place.subject = make_subject(
                place.district, name=f"{place.canary}机械有限公司", township=place.township
            )
        self.actors = self._make_actors()
        self._pair_the_instructor()
        self._objects: dict[tuple[str, str], Mapping[str, Any] | Exception] = {}

    @property
    def own(self) -> Place:
        return self.places["own"]

    @property
    def sibling(self) -> Place:
        return self.places["sibling"]

    @property
    def foreign(self) -> Place:
        return self.places["foreign"]

    def _make_actors(self) -> dict[str, Actor]:
        own = self.own
        at = {
            Role.CITY_OFFICE: self.city,
            Role.CITY_MEMBER: self.city,
            Role.TOWNSHIP_STAFF: own.township,
            Role.SYSTEM_ADMIN: self.city,
            Role.SECURITY_ADMIN: self.city,
            Role.AUDITOR: self.city,
        }
        units = {Role.CITY_MEMBER: make_member_unit(self.city), Role.DISTRICT_MEMBER: own.member_unit}
        actors = {
            role.value: make_actor(role, at.get(role, own.district), member_unit=units.get(role))
            for role in Role
            if role != Role.SUBJECT_CONTACT
        }
        contact = make_user()
        SubjectContact.objects.create(
            user=contact, subject=own.subject, valid_from=clock.shanghai_date(clock.now())
        )
        actors[Role.SUBJECT_CONTACT.value] = actor_for(contact)
        return actors

    def _pair_the_instructor(self) -> None:
        """Both subjects of district A are the instructor's own: by pairing, and by 定点联系."""
        instructor = self.actors[Role.INSTRUCTOR.value].user
        make_year()
        make_pairing(self.own.subject, person=instructor)
        make_liaison(self.sibling.subject, instructor)

    def sign_everybody_in(self) -> None:
        """One session per role, kept as its cookie; the anonymous visitor is role ""."""
        self._cookies = {role: login(Client(), actor).cookies.output() for role, actor in self.actors.items()}

    def client(self, role: str) -> Client:
        """A fresh client with the role's session: what a former request did to its cookies is forgotten."""
        client = Client()
        if role:
            client.cookies.load(self._cookies[role].removeprefix("Set-Cookie: "))
        return client

    def build(self, name: str) -> None:
        """Make the object in all three places, each in its own savepoint; a failure is raised when it is used."""
        for relation, place in self.places.items():
            try:
                with transaction.atomic():
                    made = _builders[name](self, place)
            except Exception as error:
                self._objects[name, relation] = error
            else:
                self._objects[name, relation] = {"pk": made.pk} if isinstance(made, models.Model) else made

    def kwargs(self, name: str, relation: str) -> Mapping[str, Any]:
        made = self._objects[name, relation]
        if isinstance(made, Exception):
            raise made
        return made
