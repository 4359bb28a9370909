from __future__ import annotations

from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import RequestFactory

from tests import factories
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.runtime import health

pytestmark = pytest.mark.django_db


def waiting_job(minutes: int, **more) -> Job:
    return Job.objects.create(
        kind="probe",
        title="probe",
        fingerprint="f",
        requested_by=factories.make_user(),
        requested_at=clock.now() - timedelta(minutes=minutes),
        **more,
    )


def test_alive_needs_no_database(client, monkeypatch):
    monkeypatch.setattr(health, "check_database", lambda: pytest.fail("healthz asked the database"))
    assert client.get("/healthz").content == b"ok\n"


def test_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_read(client, path):
    assert client.post(path).status_code == 405


def test_a_job_nobody_takes_is_noticed(client):
    waiting_job(minutes=11)
    assert client.get("/readyz").status_code == 503


def test_a_job_for_later_does_not_count(client):
    waiting_job(minutes=60, not_before=clock.now() + timedelta(hours=1))
    waiting_job(minutes=9)
    assert client.get("/readyz").status_code == 200


def test_a_full_disk_is_noticed(client, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    assert client.get("/readyz").status_code == 503


def test_a_dead_database_is_noticed(client, monkeypatch):
    def refuse():
        raise DatabaseError("server closed the connection")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable"}


@pytest.mark.parametrize(
    ("role", "told"), [(Role.SYSTEM_ADMIN, True), (Role.CITY_OFFICE, False), (Role.AUDITOR, False)]
)
def test_reasons_are_for_the_system_administrator(role, told):
    waiting_job(minutes=30)
    request = RequestFactory().get("/readyz")
    request.actor = type("Actor", (), {"role": role})()
    body = health.readyz(request).content.decode("unicode_escape")
    assert ("queue" in body) is told
    assert ("/files" in body or "worker" in body) is told
