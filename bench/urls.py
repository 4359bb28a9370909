"""The portal's URLs, the same list written by hand, and the same rows in Django's admin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bench import handwritten
from bench.changelist import actionless_site, plain_site, site
from cultivation.views.subjects import subject_list
from zaozhuang_portal.accounts.access import actor_of

_shells: dict[str, handwritten.Shell] = {}


def hand_written_list(request: HttpRequest) -> HttpResponse:
    """The hand-written page; the first call of a clerk keeps the constant parts of the portal's page."""
    key = actor_of(request).capacity.key
    if key not in _shells:
        original, request.path = request.path, "/subjects/"
        _shells[key] = handwritten.cut(subject_list(request).content.decode())
        request.path = original
    return handwritten.hand_written_list(request, _shells[key])


urlpatterns = [
    path("bench/handwritten/", hand_written_list),
    path("bench/admin/", site.urls),
    path("bench/actionless-admin/", actionless_site.urls),
    path("bench/plain-admin/", plain_site.urls),
    path("", include("zaozhuang_portal.urls")),
]
