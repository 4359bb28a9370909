"""Register, contacts, rosters, targets."""

from __future__ import annotations

from cultivation.models import AnnualTarget, Enrollment, SubjectContact
from cultivation.services.contacts import claim_key
from tests.factories import make_user, make_year
from tests.matrix.matrix import BUSINESS, EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

READERS = {role: "own" for role in BUSINESS if role != "SUBJECT_CONTACT"}
KEEPERS = {"CITY_OFFICE": "own", "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
CONFIRMERS = {"CITY_OFFICE": "own", "DISTRICT_OFFICE": "own"}


@register_object("subject")
def subject(world: World, place: Place):
    return place.subject


@register_object("contact")
def contact(world: World, place: Place):
    return SubjectContact.objects.create(
        user=make_user(full_name=f"{place.canary}经办"),
        subject=place.subject,
        valid_from=clock.shanghai_date(clock.now()),
    )


@register_object("enrollment")
def enrollment(world: World, place: Place):
    make_year(2026)
    return Enrollment.objects.get_or_create(
        subject=place.subject,
        year_id=2026,
        defaults={"organization": place.district, "enrolled_at": clock.now()},
    )[0]


@register_object("claim")
def claim(world: World, place: Place):
    """A guessed code: what the true one opens is in tests/cultivation/test_contacts.py."""
    return {"key": claim_key(place.subject), "code": "AAAABBBBCCCC"}


@register_object("target")
def target(world: World, place: Place):
    make_year(2026)
    return AnnualTarget.objects.filter(organization=place.district, year_id=2026).first()


def _subject_data(world: World, place: Place) -> dict[str, object]:
    return {
        "name": place.subject.name,
        "credit_code": place.subject.credit_code,
        "managing_organization": place.district.pk,
        "version": "1",
    }


ENTRIES = [
    Entry("cultivation:subject_list", READERS, shows="subject"),
    Entry(
        "cultivation:subject_create",
        KEEPERS,
        kwargs={"kind": "ENTERPRISE"},
        methods=("GET", "POST"),
        data=lambda world, place: {
            "name": "矩阵新建企业",
            "credit_code": "91370400MA3ABCDE1X",
            "managing_organization": world.own.district.pk,
        },
        foreign_data={
            "managing_organization": lambda world: world.foreign.district.pk,
            "township": lambda world: world.foreign.township.pk,
        },
        foreign_data_roles=("DISTRICT_OFFICE", "DISTRICT_MEMBER"),
    ),
    Entry(
        "cultivation:subject_detail", {**READERS, "SUBJECT_CONTACT": "own"}, object="subject", shows="subject"
    ),
    Entry(
        "cultivation:subject_edit",
        {**KEEPERS, "SUBJECT_CONTACT": "own"},
        object="subject",
        methods=("GET", "POST"),
        data=_subject_data,
    ),
    Entry(
        "cultivation:subject_deregister",
        KEEPERS,
        object="subject",
        methods=("GET", "POST"),
        data={"reason": "短"},
    ),
    Entry("cultivation:subject_contacts", KEEPERS, object="subject", methods=("GET", "POST")),
    Entry("cultivation:contact_end", KEEPERS, object="contact", methods=("POST",), data={"reason": ""}),
    Entry(
        "cultivation:claim", EVERYONE, public=True, methods=("GET", "POST"), data={"key": "x", "code": "y"}
    ),
    Entry(
        "cultivation:claim_link",
        object="claim",
        public=True,
        methods=("GET", "POST"),
        data={"username": ""},
        status=frozenset({404}),
    ),
    Entry("cultivation:roster", READERS, kwargs={"year": 2026}),
    Entry(
        "cultivation:roster_choose",
        KEEPERS,
        kwargs={"year": 2026},
        methods=("GET", "POST"),
        data={"subject": []},
    ),
    Entry(
        "cultivation:roster_confirm",
        CONFIRMERS,
        kwargs={"year": 2026},
        methods=("POST",),
        data={"enrollment": []},
    ),
    Entry(
        "cultivation:enrollment_remove",
        KEEPERS,
        object="enrollment",
        methods=("GET", "POST"),
        data={"reason": "短"},
    ),
    Entry("cultivation:target_list", READERS),
    Entry(
        "cultivation:target_edit",
        {"CITY_OFFICE": "any"},
        object="target",
        methods=("GET", "POST"),
        data={"minimum": "4"},
    ),
    Entry(
        "cultivation:target_counting",
        {"CITY_OFFICE": "any"},
        kwargs={"year": 2026},
        methods=("GET", "POST"),
        data={"separate": "1", "reason": "", "document": ""},
    ),
    Entry("cultivation:calendar", EVERYONE),
]
