from __future__ import annotations

from django.urls import path

from zaozhuang_portal.accounts.views import (
    account_requests,
    activation,
    audit,
    bodies,
    people,
    people_acts,
    profile,
    seats,
    user_import,
)

app_name = "accounts"

urlpatterns = [
    path("people/users/", people.user_list, name="user_list"),
    path("people/users/new/", people.user_create, name="user_create"),
    path("people/users/import/", user_import.user_import, name="user_import"),
    path("people/users/import/confirm/", user_import.user_import_confirm, name="user_import_confirm"),
    path("people/users/import/template/", user_import.user_import_template, name="user_import_template"),
    path("people/users/<int:pk>/", people.user_detail, name="user_detail"),
    path("people/users/<int:pk>/edit/", people.user_edit, name="user_edit"),
    path("people/users/<int:pk>/reset/", people_acts.user_reset, name="user_reset"),
    path("people/users/<int:pk>/disable/", people_acts.user_disable, name="user_disable"),
    path("people/users/<int:pk>/enable/", people_acts.user_enable, name="user_enable"),
    path("people/users/<int:pk>/dismiss/", people_acts.user_dismiss, name="user_dismiss"),
    path("people/users/<int:pk>/memberships/new/", people_acts.membership_create, name="membership_create"),
    path("people/memberships/<int:pk>/end/", people_acts.membership_end, name="membership_end"),
    path("people/requests/", account_requests.request_list, name="request_list"),
    path("people/requests/slips/", account_requests.request_slips, name="request_slips"),
    path("people/requests/approve/", account_requests.requests_approve, name="requests_approve"),
    path("people/requests/<int:pk>/", account_requests.request_detail, name="request_detail"),
    path("people/requests/<int:pk>/refuse/", account_requests.request_refuse, name="request_refuse"),
    path("people/requests/<int:pk>/withdraw/", account_requests.request_withdraw, name="request_withdraw"),
    path("people/bodies/", bodies.body_list, name="body_list"),
    path("people/bodies/establish/", bodies.bodies_establish, name="bodies_establish"),
    path("people/bodies/parks/new/", bodies.park_create, name="park_create"),
    path("people/bodies/<int:pk>/", bodies.body_detail, name="body_detail"),
    path("people/bodies/<int:pk>/edit/", bodies.body_edit, name="body_edit"),
    path("people/bodies/<int:pk>/units/new/", seats.member_unit_create, name="member_unit_create"),
    path("people/bodies/<int:pk>/seats/new/", seats.seat_create, name="seat_create"),
    path("people/units/<int:pk>/edit/", seats.member_unit_edit, name="member_unit_edit"),
    path("people/seats/<int:pk>/edit/", seats.seat_edit, name="seat_edit"),
    path("people/seats/<int:pk>/remove/", seats.seat_remove, name="seat_remove"),
    path("profile/", profile.profile, name="profile"),
    path("profile/capacity/", profile.switch_capacity, name="switch_capacity"),
    path("activate/", activation.activate, name="activate"),
    path("activate/<int:pk>/<str:code>/", activation.activate_link, name="activate_link"),
    path("accounts/sms/", activation.sms_sign_in, name="sms_sign_in"),
    path("accounts/sms/code/", activation.sms_code, name="sms_code"),
    path("audit/", audit.audit_list, name="audit_list"),
    path("security/lockouts/", audit.lockout_list, name="lockout_list"),
    path("security/lockouts/<int:pk>/lift/", audit.lockout_lift, name="lockout_lift"),
]
