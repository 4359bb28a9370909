"""What the district sees of assessments not handed in, the way to an extension, and where the receipt of one leads."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.models import Assessment
from evaluation.services.submission import submit
from tests.evaluation.assessment_builders import NOW, answer_everything, small_set, started
from tests.evaluation.test_reviews import Case
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db
LIST = "evaluation:filling_list"


def test_from_the_queue_to_the_extension_of_a_draft() -> None:
    small_set()
    assessment, _ = started()
    office = login(Client(), make_actor(Role.DISTRICT_OFFICE, assessment.organization))
    assert reverse(LIST) in office.get(reverse("evaluation:review_list")).content.decode()
    page = office.get(reverse(LIST)).content.decode()
    extension = reverse("evaluation:assessment_extension", args=[assessment.pk])
    assert assessment.subject.name in page and extension in page
    assert reverse(LIST) in office.get(extension).content.decode()
    stranger = login(Client(), make_actor(Role.DISTRICT_OFFICE))
    assert assessment.subject.name not in stranger.get(reverse(LIST)).content.decode()
    city = login(Client(), make_actor(Role.CITY_OFFICE))
    assert reverse(LIST) not in city.get(reverse("evaluation:review_list")).content.decode()


def test_a_returned_one_offers_the_extension_and_a_submitted_one_does_not() -> None:
    case = Case()
    office = login(Client(), case.office)
    url = reverse("evaluation:review_detail", args=[case.assessment.pk])
    extension = reverse("evaluation:assessment_extension", args=[case.assessment.pk])
    assert extension not in office.get(url).content.decode()
    assert case.assessment.subject.name not in office.get(reverse(LIST)).content.decode()
    Assessment.objects.filter(pk=case.assessment.pk).update(state="RETURNED", review_opened_at=NOW)
    assert extension in office.get(url).content.decode()
    assert extension in office.get(reverse(LIST)).content.decode()


def test_the_notice_of_a_submission_opens_the_review() -> None:
    small_set()
    assessment, contact = started()
    reader = make_actor(Role.DISTRICT_OFFICE, assessment.organization)
    answer_everything(assessment, contact)
    submit(
        actor=contact,
        assessment=assessment,
        signer_name="王法人",
        signer_post="总经理",
        committed=True,
        now=NOW,
    )
    notice = Notification.objects.get(user=reader.user, kind="Assessment")
    assert notice.url == reverse("evaluation:review_detail", args=[assessment.pk])
    assert login(Client(), reader).get(notice.url).status_code == 200


def test_statements_do_not_grow_with_the_rows() -> None:
    small_set()
    assessment, _ = started()
    office = login(Client(), make_actor(Role.DISTRICT_OFFICE, assessment.organization))
    office.get(reverse(LIST))
    with CaptureQueriesContext(connection) as one:
        office.get(reverse(LIST))
    for _number in range(2):
        more, _contact = started()
        Assessment.objects.filter(pk=more.pk).update(organization=assessment.organization)
    with CaptureQueriesContext(connection) as three:
        office.get(reverse(LIST))
    assert len(one) == len(three) <= 4
