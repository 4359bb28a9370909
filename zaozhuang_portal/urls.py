"""The map of the portal. Each app keeps its own list."""

from __future__ import annotations

from django.urls import include, path

from zaozhuang_portal.runtime.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("zaozhuang_portal.accounts.sign_in_urls")),
    path("", include("zaozhuang_portal.accounts.urls")),
    path("", include("zaozhuang_portal.operations.urls")),
    path("", include("cultivation.urls")),
    path("", include("evaluation.urls")),
    path("", include("reporting.urls")),
]
