"""A subject with records of its own, as the tests of its life begin."""

from __future__ import annotations

from datetime import date, timedelta

from django.test import Client

from cultivation.models import (
    CampaignYear,
    Pairing,
)
from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from tests.factories import login, make_year
from zaozhuang_portal.kernel import clock

REASON = "营业执照已变更"


def sign_in(user):
    client = Client()
    login(client, user)
    return client


def now():
    return clock.now()


def today() -> date:
    return clock.shanghai_date(now())


def record(model, subject, **values):
    """A bare ledger row of a subject, as the ledger services leave it."""
    make_year(2026)
    fixed = {
        "organization": subject.managing_organization,
        "year_id": 2026,
        "created_at": now(),
        "updated_at": now(),
    }
    return model.objects.create(subject=subject, **fixed, **values)


def pair(subject, **values):
    defaults = {"person_name": "李干事", "starts_on": today() - timedelta(days=30)}
    return record(Pairing, subject, **defaults | values)


def enroll(actor, *subjects, year=2026):
    make_year(year)
    rows = choose_subjects(actor=actor, year=CampaignYear.objects.get(pk=year), subjects=subjects, now=now())
    return confirm_enrollments(actor=actor, enrollments=rows, reason="测试增补对象", now=now())[0]
