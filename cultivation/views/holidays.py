"""节假日安排: the list of a year, pasted lines with a preview, one day taken out with 撤销."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cultivation.enums import HolidayKind
from cultivation.forms.holidays import HolidayForm
from cultivation.models import Holiday
from cultivation.permissions.holidays import HOLIDAY_KEEPERS
from cultivation.rules.work_days import WORKDAY
from cultivation.services.holidays import remove_holiday, set_holidays
from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.kernel.undo import offer_undo

FIRST_YEAR, YEARS_AHEAD = 2023, 2


def _address(year: int) -> str:
    return f"{reverse('cultivation:holidays')}?year={year}"


@requires(*HOLIDAY_KEEPERS)
@require_http_methods(["GET", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """One year (?year=). POST shows what would change; POST with `confirm` writes it. Statements: 2 beside the session's."""
    today = clock.shanghai_date(clock.now())
    years = range(FIRST_YEAR, max(today.year, FIRST_YEAR) + YEARS_AHEAD + 1)
    wanted = whole_number(request.GET.get("year", ""), digits=4)
    year = wanted if wanted is not None and wanted in years else max(today.year, FIRST_YEAR)
    rows = list(Holiday.objects.filter(year=year))
    form = HolidayForm(
        request.POST or None,
        year=year,
        initial={"document": rows[0].document if rows else ""},
        cancel_url=reverse("cultivation:calendar"),
    )
    preview = None
    if request.method == "POST" and form.is_valid():
        if "confirm" in request.POST:
            try:
                changed = set_holidays(
                    actor=actor_of(request),
                    year=year,
                    document=form.cleaned_data["document"],
                    lines=form.days,
                    now=clock.now(),
                )
            except DomainError as error:
                form.add_domain_error(error)
            else:
                messages.success(request, f"{year}年节假日安排已登记，{changed} 天有变化。")
                return redirect(_address(year))
        else:
            old = {row.day: f"{row.get_kind_display()} {row.name}" for row in rows}
            preview = [
                (line.day, f"{HolidayKind(line.kind).label} {line.name}", old.get(line.day, ""))
                for line in form.days
            ]
    context = {"form": form, "rows": rows, "year": year, "years": years, "preview": preview}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "cultivation/holidays/list.html", context, status=status)


@requires(*HOLIDAY_KEEPERS)
@require_POST
def holiday_remove(request: HttpRequest, pk: int) -> HttpResponse:
    holiday = get_object_or_404(Holiday, pk=pk)
    remove_holiday(actor=actor_of(request), holiday=holiday, now=clock.now())
    line = f"{holiday.day} {'上班 ' if holiday.kind == WORKDAY else ''}{holiday.name}"
    offer_undo(
        request,
        f"已删除 {holiday.day}（{holiday.get_kind_display()}）。",
        _address(holiday.year),
        fields={"document": holiday.document, "lines": line, "confirm": "1"},
    )
    return redirect(_address(holiday.year))
