"""个人设置 and 切换身份."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from zaozhuang_portal.accounts.access import actor_of, requires
from zaozhuang_portal.accounts.actors import list_capacities
from zaozhuang_portal.accounts.forms.people import PersonForm
from zaozhuang_portal.accounts.middleware import CAPACITY_KEY
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.users import update_user
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.http import on_this_site


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def profile(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    user = actor.user
    initial = {"full_name": user.full_name, "phone": user.phone, "email": user.email}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_user(actor=actor, at=clock.now(), user=user, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "已保存。")
            return redirect("accounts:profile")
    context = {"form": form, "capacities": list_capacities(user)}
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def switch_capacity(request: HttpRequest) -> HttpResponse:
    """Choose the capacity to act in (field `capacity`); the session key is renewed."""
    actor = actor_of(request)
    capacities = {capacity.key: capacity for capacity in list_capacities(actor.user)}
    if request.method != "POST":
        return render(request, "accounts/switch_capacity.html", {"capacities": capacities.values()})
    chosen = capacities.get(request.POST.get("capacity", ""))
    if chosen is None:
        messages.error(request, "该身份不存在或已结束，请重新选择。")
        context = {"capacities": capacities.values()}
        return render(request, "accounts/switch_capacity.html", context, status=422)
    request.session[CAPACITY_KEY] = chosen.key
    request.session.cycle_key()
    record_audit(
        actor=actor,
        at=clock.now(),
        action="switch_capacity",
        kind="User",
        object_id=actor.user.pk,
        label=f"{actor.user.full_name}（{actor.user.username}）",
        changes={"capacity": [actor.capacity.label, chosen.label]},
    )
    messages.success(request, f"当前身份：{chosen.label}")
    wanted = request.POST.get("next", "")
    return redirect(wanted if on_this_site(request, wanted) else "/")
