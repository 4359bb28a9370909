from __future__ import annotations

from django.urls import path

from cultivation.views import contacts, exports, imports, rosters, subjects, targets

app_name = "cultivation"

urlpatterns = [
    path("subjects/", subjects.subject_list, name="subject_list"),
    path("subjects/new/<str:kind>/", subjects.subject_create, name="subject_create"),
    path("subjects/<int:pk>/", subjects.subject_detail, name="subject_detail"),
    path("subjects/<int:pk>/edit/", subjects.subject_edit, name="subject_edit"),
    path("subjects/<int:pk>/deregister/", subjects.subject_deregister, name="subject_deregister"),
    path("subjects/<int:pk>/contacts/", contacts.subject_contacts, name="subject_contacts"),
    path("contacts/<int:pk>/end/", contacts.contact_end, name="contact_end"),
    path("claim/", contacts.claim, name="claim"),
    path("claim/<str:key>/<str:code>/", contacts.claim_link, name="claim_link"),
    path("rosters/<int:year>/", rosters.roster, name="roster"),
    path("rosters/<int:year>/choose/", rosters.choose, name="roster_choose"),
    path("rosters/<int:year>/confirm/", rosters.confirm, name="roster_confirm"),
    path("enrollments/<int:pk>/remove/", rosters.remove, name="enrollment_remove"),
    path("targets/", targets.target_list, name="target_list"),
    path("targets/<int:pk>/edit/", targets.target_edit, name="target_edit"),
    path("calendar/", targets.calendar, name="calendar"),
    path("subjects/export/", exports.register_export, name="register_export"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/template/<str:kind>/", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/mapping/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:pk>/check/", imports.import_check, name="import_check"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/marked/", imports.import_marked, name="import_marked"),
]
