"""Renamed, deregistered, reinstated: history kept, counts explained, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from cultivation.enums import SubjectState
from cultivation.models import (
    GuidanceVisit,
    Subject,
)
from cultivation.rules.imports_cells import Unresolved
from cultivation.selectors.ledger_lookups import subject_lookup
from cultivation.selectors.targets import roster_of
from cultivation.services.subject_lives import deregister_subject, reinstate_subject, rename_subject
from cultivation.services.subjects import update_subject
from tests.cultivation.lives import REASON, enroll, now, pair, record, sign_in, today
from tests.factories import make_actor, make_organization, make_subject
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import ConflictError, DomainError

pytestmark = pytest.mark.django_db


def rename(actor, subject, name, **values):
    return rename_subject(
        actor=actor, subject=subject, expected_version=subject.version, name=name, now=now(),
        **{"reason": REASON} | values,
    )  # fmt: skip


class TestRename:
    def test_the_old_name_stays_in_the_history_and_on_the_page(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization, name="滕州旧名机械有限公司")
        rename(actor, subject, "滕州新名机械有限公司", document_number="登字〔2026〕3号")
        assert subject.name == "滕州新名机械有限公司"
        assert Subject.objects.named_like("新名").filter(pk=subject.pk).exists()
        row = subject.history.get()
        assert (row.event, row.before, row.after) == (
            "RENAMED",
            "滕州旧名机械有限公司",
            "滕州新名机械有限公司",
        )
        page = sign_in(actor.user).get(reverse("cultivation:subject_detail", args=[subject.pk]))
        assert "曾用名" in page.content.decode()
        assert "滕州旧名机械有限公司" in page.content.decode()

    def test_the_old_name_is_still_found(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization, name="滕州旧名机械有限公司")
        other = make_subject(actor.organization, name="滕州他人机械有限公司")
        enroll(actor, subject)
        rename(actor, subject, "滕州新名机械有限公司")
        assert list(Subject.objects.named_like("旧名")) == [subject]
        assert set(Subject.objects.named_like("机械")) == {subject, other}
        client = sign_in(actor.user)
        found = client.get(reverse("cultivation:subject_list"), {"q": "旧名机械"}).content.decode()
        assert "滕州新名机械有限公司" in found and other.name not in found
        (row,) = roster_of(actor, year=2026, organization=actor.organization)
        assert row.since == "当时名称：滕州旧名机械有限公司"
        assert row.since in client.get(reverse("cultivation:roster_paper", args=[2026])).content.decode()
        lookup = subject_lookup("培育对象", actor.organization, ["滕州旧名机械有限公司", "滕州没有的公司"])
        assert lookup("滕州旧名机械有限公司").id == subject.pk
        assert isinstance(lookup("滕州没有的公司"), Unresolved)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"reason": "改"}, "reason"),
            ({"happened_on": date(2999, 1, 1)}, "happened_on"),
        ],
    )
    def test_a_short_reason_and_a_day_to_come_are_refused(self, values, field):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(DomainError) as caught:
            rename(actor, subject, "另一个名称公司", **values)
        assert caught.value.field == field
        assert not subject.history.exists()

    def test_the_same_name_and_a_stale_version_are_refused(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(DomainError, match="相同"):
            rename(actor, subject, subject.name)
        Subject.objects.filter(pk=subject.pk).update(version=7)
        with pytest.raises(ConflictError):
            rename(actor, subject, "另一个名称公司")

    def test_what_was_typed_stays_in_the_refused_form(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        answer = sign_in(actor.user).post(
            reverse("cultivation:subject_rename", args=[subject.pk]),
            {"name": "写了一半的新名称", "reason": "短", "version": subject.version},
        )
        assert answer.status_code == 422
        assert "写了一半的新名称" in answer.content.decode()
        assert "至少5个字" in answer.content.decode()

    def test_a_name_of_another_record_is_asked_about_once(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        make_subject(actor.organization, name="滕州恒源玻璃有限公司")
        make_subject(make_organization(Level.DISTRICT), name="滕州新名玻璃有限公司")
        client.force_login(actor.user)
        url = f"/subjects/{subject.pk}/rename/"
        data = {"name": "滕州恒源玻璃有限公司", "reason": REASON, "version": subject.version}
        asked = client.post(url, data)
        assert asked.status_code == 422 and "请改用“合并”" in asked.content.decode()
        held = asked.context["form"].data["asked_name"]
        elsewhere = data | {"name": "滕州新名玻璃有限公司", "asked_name": held}
        assert client.post(url, data | {"asked_name": held}).status_code == 302
        subject.refresh_from_db()
        assert client.post(url, elsewhere | {"version": subject.version}).status_code == 302


class TestDeregister:
    def test_open_help_ends_and_can_be_told_from_the_history(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        pairing = pair(subject)
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        pairing.refresh_from_db()
        assert pairing.ends_on == today()
        assert "注销" in pairing.end_reason
        assert subject.history.get().event == "DEREGISTERED"

    def test_one_by_mistake_is_reinstated(self):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        with pytest.raises(ConflictError):
            reinstate_subject(actor=actor, subject=subject, reason="误办理了注销", now=now())
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        reinstate_subject(actor=actor, subject=subject, reason="误办理了注销", now=now())
        assert subject.state == SubjectState.ACTIVE
        assert subject.history.count() == 2

    def test_its_page_offers_no_edit_until_it_is_reinstated(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        client.force_login(actor.user)
        url, edit = f"/subjects/{subject.pk}/", f"/subjects/{subject.pk}/edit/"
        assert edit in client.get(url).content.decode()
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        page = client.get(url).content.decode()
        assert edit not in page
        assert f"/subjects/{subject.pk}/reinstate/" in page
        with pytest.raises(DomainError, match="先恢复在册"):
            update_subject(
                actor=actor,
                subject=subject,
                expected_version=subject.version,
                data={"contact_name": "王新人"},
                now=now(),
            )

    def test_one_that_counts_this_year_is_said_so_and_marked_on_the_roster(self, client):
        actor = make_actor(Role.DISTRICT_OFFICE)
        subject = make_subject(actor.organization)
        client.force_login(actor.user)
        url = f"/subjects/{subject.pk}/deregister/"
        assert "仍计入" not in client.get(url).content.decode()
        enrollment = enroll(actor, subject)
        year = enrollment.year_id
        page = client.get(url).content.decode()
        assert f"{year}年度确认的重点培育名单上" in page and "仍计入" in page
        deregister_subject(actor=actor, subject=subject, reason="企业已停产注销", now=now())
        assert "已注销" in client.get(f"/rosters/{year}/").content.decode()


@pytest.mark.parametrize("tab", ["detail", "pairings", "services", "trainings", "files", "timeline"])
def test_every_tab_opens_for_its_keeper(tab):
    actor = make_actor(Role.DISTRICT_OFFICE)
    subject = make_subject(actor.organization)
    pair(subject)
    record(GuidanceVisit, subject, happened_on=today(), topic="集体协商")
    page = sign_in(actor.user).get(reverse(f"cultivation:subject_{tab}", args=[subject.pk]))
    assert page.status_code == 200
    assert 'aria-current="page"' in page.content.decode()
