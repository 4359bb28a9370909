"""The map of the portal. Each app keeps its own list."""

from __future__ import annotations

from django.urls import include, path

from zaozhuang_portal.runtime.health import healthz, readyz

urlpatterns = [
    path("", include("zaozhuang_portal.kernel.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("zaozhuang_portal.accounts.sign_in_urls")),
    path("", include("zaozhuang_portal.accounts.urls")),
    path("", include("zaozhuang_portal.operations.urls")),
    path("", include("cultivation.urls")),
    path("", include("evaluation.urls")),
    path("", include("reporting.urls")),
]

handler400 = "zaozhuang_portal.kernel.views.handle_400"
handler403 = "zaozhuang_portal.kernel.views.handle_403"
handler404 = "zaozhuang_portal.kernel.views.handle_404"
# Asked for by allauth when one of its limits is reached.
handler429 = "zaozhuang_portal.kernel.views.handle_429"
handler500 = "zaozhuang_portal.kernel.views.handle_500"
