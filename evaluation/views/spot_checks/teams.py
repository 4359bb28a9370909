"""检查组 of a round: assigning, the page, the record for the minutes, a change with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.enums import CheckState, RoundState
from evaluation.forms.spot_checks.inspectors import ChangeLeadForm, ChangeMemberForm
from evaluation.models import Inspector, SpotCheck, SpotCheckRound, TeamDraw, TeamMember
from evaluation.permissions.roles import INSPECTOR_KEEPERS, TEAM_READERS
from evaluation.selectors.spot_checks.teams import exclusions_from, printed_draw, team_rows
from evaluation.services.spot_checks.teams import assign_teams, change_lead, change_member
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError


def _round(request: HttpRequest, pk: int) -> tuple[Actor, SpotCheckRound]:
    actor = actor_of(request)
    if not actor.sees_whole_city:  # a round's teams are of all districts
        raise Http404
    return actor, get_object_or_404(SpotCheckRound.objects.visible_to(actor).select_related("year"), pk=pk)


@requires(*TEAM_READERS)
@require_GET
def team_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Every check of the round with its team. Statements: round, checks, teams, last run."""
    actor, spot_round = _round(request, pk)
    rows = team_rows(spot_round)
    waiting = sum(row.check.state == CheckState.SELECTED for row in rows)
    keeper = actor.role in INSPECTOR_KEEPERS
    context = {
        "round": spot_round,
        "rows": rows,
        "waiting": waiting,
        "to_notify": sum(row.check.state == CheckState.ASSIGNED for row in rows),
        "may_keep": keeper,
        "may_assign": keeper and waiting and spot_round.state == RoundState.DRAWN,
        "draws": TeamDraw.objects.filter(round=spot_round).only("number", "drawn_at", "round_id"),
    }
    return render(request, "evaluation/spot_checks/teams.html", context)


@requires(*INSPECTOR_KEEPERS)
@require_POST
def team_assign(request: HttpRequest, pk: int) -> HttpResponse:
    actor, spot_round = _round(request, pk)
    try:
        record = assign_teams(actor=actor, spot_round=spot_round, now=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        done = sum(bool(row["team"]) for row in record.checks)
        left = len(record.checks) - done
        messages.success(
            request, f"已派 {done} 个检查组" + (f"，{left} 个派不出，原因见下。" if left else "。")
        )
    return redirect("evaluation:team_list", pk)


@requires(*TEAM_READERS)
@require_GET
def team_print(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """派组记录 for the minutes: seed, tickets, who was kept off and why, who goes where, how it was counted."""
    _, spot_round = _round(request, pk)
    record = get_object_or_404(TeamDraw.objects.select_related("drawn_by"), round=spot_round, number=number)
    context = {"round": spot_round, "record": record, **printed_draw(record)}
    return render(request, "evaluation/spot_checks/team_record.html", context)


def _member(request: HttpRequest, pk: int, member_pk: int) -> tuple[Actor, SpotCheck, TeamMember]:
    """`pk` of the check."""
    actor = actor_of(request)
    checks = SpotCheck.objects.visible_to(actor).select_related("round", "organization", "subject")
    check = get_object_or_404(checks, pk=pk)
    team = check.team.filter(until_at__isnull=True).select_related("inspector__organization")
    return actor, check, get_object_or_404(team, pk=member_pk)


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def member_change(request: HttpRequest, pk: int, member_pk: int) -> HttpResponse:
    actor, check, member = _member(request, pk, member_pk)
    today = clock.shanghai_date(clock.now())
    team = list(check.team.filter(until_at__isnull=True).select_related("inspector"))
    parties = {row.inspector.party for row in team if row.pk != member.pk}
    people = list(
        Inspector.objects.active_on(today)
        .exclude(pk__in=[row.inspector_id for row in team])
        .exclude(party__in=parties)
        .select_related("organization")
    )
    excluded = exclusions_from(check, people)
    free = [row for row in people if row.pk not in excluded]
    form = ChangeMemberForm(request.POST or None, people=free)
    back = reverse("evaluation:team_list", args=[check.round_id])
    if request.method == "POST" and form.is_valid():
        try:
            change_member(
                actor=actor,
                check=check,
                member=member,
                inspector=form.people[form.cleaned_data["inspector"]],
                reason=form.cleaned_data["reason"],
                now=clock.now(),
            )
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, "已更换，原成员和理由保留在记录中。")
            return redirect(back)
    context = {
        "heading": "更换检查人员",
        "rows": [
            ("检查", str(check)),
            ("换下", str(member)),
            ("所属方", member.inspector.get_party_display()),
        ],
        "consequence": "同组另一人的所属方和应当回避的不列出。"
        + "".join(f"{one.sentence}。" for ones in excluded.values() for one in ones),
        "form": form,
        "confirm_label": "更换检查人员",
        "cancel_url": back,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)


@requires(*INSPECTOR_KEEPERS)
@require_http_methods(["GET", "POST"])
def member_lead(request: HttpRequest, pk: int, member_pk: int) -> HttpResponse:
    actor, check, member = _member(request, pk, member_pk)
    form = ChangeLeadForm(request.POST or None)
    back = reverse("evaluation:team_list", args=[check.round_id])
    if request.method == "POST" and form.is_valid():
        try:
            change_lead(actor=actor, check=check, member=member, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            if error.field not in form.fields:
                raise
            form.add_domain_error(error)
        else:
            messages.success(request, f"主检改为{member.inspector.name}。")
            return redirect(back)
    context = {
        "heading": "更换主检",
        "rows": [("检查", str(check)), ("改由", member.inspector.name)],
        "form": form,
        "confirm_label": "更换主检",
        "cancel_url": back,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "components/confirm_page.html", context, status=status)
