from __future__ import annotations

from django.urls import path

from evaluation.views import indicator_sets

app_name = "evaluation"

urlpatterns = [
    path("standards/", indicator_sets.standard_list, name="standard_list"),
    path("standards/upload/", indicator_sets.standard_upload, name="standard_upload"),
    path("standards/<int:pk>/", indicator_sets.standard_detail, name="standard_detail"),
    path("standards/<int:pk>/workbook/", indicator_sets.standard_workbook, name="standard_workbook"),
    path("standards/<int:pk>/publish/", indicator_sets.standard_publish, name="standard_publish"),
    path("standards/<int:pk>/discard/", indicator_sets.standard_discard, name="standard_discard"),
]
