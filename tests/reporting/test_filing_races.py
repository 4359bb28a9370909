"""Two people at one report at one moment: what is filed is what was written, and no file leaves a report under way."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from reporting.demo.assessments import picture
from reporting.models import AnnualReport, NarrativeSection
from reporting.services.annual_reports import open_report, save_narrative
from tests.factories import make_actor, make_organization, make_year
from tests.reporting.moves import move_report
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.attachments import remove_attachment, store_attachment

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)


class Race:
    """`first` runs and holds its transaction open while `second` sets out; both outcomes as error codes or "done"."""

    def __init__(self, first, second):
        self.came: dict[str, str] = {}
        holding = threading.Event()

        def hold():
            with transaction.atomic():
                first()
                holding.set()
                time.sleep(1)

        def follow():
            holding.wait(20)
            second()

        threads = [
            threading.Thread(target=self._run, args=("first", hold)),
            threading.Thread(target=self._run, args=("second", follow)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run(self, name, act):
        try:
            act()
            self.came[name] = "done"
        except DomainError as error:
            self.came[name] = error.code
        finally:
            connection.close()


@pytest.fixture
def ground():
    district = make_organization(Level.DISTRICT)
    office, member = make_actor(Role.DISTRICT_OFFICE, district), make_actor(Role.DISTRICT_MEMBER, district)
    report = open_report(actor=member, year=make_year(2026), organization=district, now=NOW)
    return office, member, report


def test_a_section_saved_while_the_report_is_sent_for_review_is_refused(ground):
    office, member, report = ground
    stale = AnnualReport.objects.get(pk=report.pk)
    race = Race(
        lambda: move_report(actor=member, report=report, action="send_for_review", now=NOW),
        lambda: save_narrative(
            actor=office, report=stale, key="plans", text="迟到的话", expected_revision=0, now=NOW
        ),
    )
    assert race.came == {"first": "done", "second": "illegal_transition"}
    assert "迟到的话" not in NarrativeSection.objects.get(report=report, key="plans").text


def test_what_was_saved_first_is_what_is_reviewed(ground):
    office, member, report = ground
    stale = AnnualReport.objects.get(pk=report.pk)
    race = Race(
        lambda: save_narrative(
            actor=office, report=report, key="plans", text="先到的话", expected_revision=0, now=NOW
        ),
        lambda: move_report(actor=member, report=stale, action="send_for_review", now=NOW),
    )
    assert race.came == {"first": "done", "second": "done"}
    assert NarrativeSection.objects.get(report=report, key="plans").text == "先到的话"


def test_no_file_leaves_a_report_that_is_being_filed(ground):
    office, member, report = ground
    scan = store_attachment(
        actor=office, owner_kind="AnnualReport", owner_id=report.pk, upload=picture("件"), now=NOW
    )
    move_report(actor=member, report=report, action="send_for_review", now=NOW)
    move_report(actor=office, report=report, action="approve", now=NOW)
    race = Race(
        lambda: move_report(actor=office, report=report, action="submit", now=NOW),
        lambda: remove_attachment(actor=office, attachment=scan, now=NOW),
    )
    assert race.came == {"first": "done", "second": "sealed"}
    assert Attachment.objects.current().filter(pk=scan.pk).exists()


def test_of_two_filings_at_once_one_is_a_row(ground):
    office, member, report = ground
    move_report(actor=member, report=report, action="send_for_review", now=NOW)
    move_report(actor=office, report=report, action="approve", now=NOW)
    stale = AnnualReport.objects.get(pk=report.pk)
    race = Race(
        lambda: move_report(actor=office, report=report, action="submit", now=NOW),
        lambda: move_report(actor=office, report=stale, action="submit", now=NOW),
    )
    assert race.came == {"first": "done", "second": "illegal_transition"}
    assert report.filings.count() == 1
