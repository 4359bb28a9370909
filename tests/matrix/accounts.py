"""Sign-in, people, audit: accounts and the pages of the kernel."""

from __future__ import annotations

from axes.models import AccessAttempt

from tests.factories import make_actor, make_membership, make_user
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import AccountAct, MemberUnitKind, Role
from zaozhuang_portal.accounts.models import (
    AccountRequest,
    Membership,
    MemberUnit,
    Seat,
    TripartiteBody,
    User,
)
from zaozhuang_portal.accounts.services.account_requests import request_account_act
from zaozhuang_portal.accounts.services.passwords import issue_activation
from zaozhuang_portal.kernel import clock

FORM = ("GET", "POST")
UNIFIED = {"provider_id": "unified"}
OIDC = frozenset({200, 404})

ENTRIES = [
    # --- probes, help and how the pages look ---
    Entry("ui:help", public=True),
    Entry("ui:keys", public=True),
    Entry("ui:accessibility", public=True),
    Entry("ui:privacy", public=True),
    Entry("ui:elder", public=True, methods=("POST",)),
    Entry("ui:density", public=True, methods=("POST",)),
    Entry("healthz", public=True),
    Entry("readyz", public=True, status=frozenset({200, 503})),
    # --- allauth ---
    Entry("account_login", public=True, methods=FORM, data={"login": "nobody", "password": "x"}),
    Entry("account_logout", public=True, methods=FORM),
    Entry("account_inactive", public=True, methods=("GET",)),
    Entry("account_signup", public=True),
    Entry("account_reauthenticate", EVERYONE, methods=FORM),
    Entry("account_change_password", EVERYONE, methods=FORM),
    Entry("mfa_index", EVERYONE),
    Entry("mfa_activate_totp", EVERYONE, methods=FORM),
    Entry("mfa_deactivate_totp", EVERYONE, methods=FORM, status=frozenset({302, 404})),
    Entry("mfa_authenticate", public=True, methods=FORM),
    Entry("mfa_reauthenticate", EVERYONE, methods=FORM),
    Entry("mfa_view_recovery_codes", EVERYONE, status=frozenset({302, 404})),
    Entry("mfa_generate_recovery_codes", EVERYONE, methods=FORM),
    Entry("mfa_download_recovery_codes", EVERYONE, status=frozenset({302, 404})),
    # --- 统一身份认证: the provider is configured by the environment; without it these answer 404 ---
    Entry("openid_connect_login", public=True, methods=FORM, kwargs=UNIFIED, status=OIDC),
    Entry("openid_connect_callback", public=True, kwargs=UNIFIED, status=OIDC),
    Entry("socialaccount_login_cancelled", public=True),
    Entry("socialaccount_login_error", public=True, status=frozenset({401})),
    Entry("socialaccount_signup", public=True, may_lead_to_sign_in=True),
    Entry("socialaccount_connections", EVERYONE, methods=FORM),
]

MANAGERS = {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "own", "SYSTEM_ADMIN": "any"}
# Opening an account or a membership shows no row of others.
MANAGER_PAGES = dict.fromkeys(MANAGERS, "own")


@register_object("user")
def user(world: World, place: Place) -> User:
    """Somebody of the district office of that place."""
    person = make_user(full_name=f"{place.canary}某")
    make_membership(person, Role.DISTRICT_OFFICE, place.district)
    return person


@register_object("disabled_user")
def disabled_user(world: World, place: Place) -> User:
    person = make_user(full_name=f"{place.canary}停", is_active=False)
    make_membership(person, Role.DISTRICT_OFFICE, place.district)
    return person


@register_object("membership")
def membership(world: World, place: Place) -> Membership:
    person = make_user(full_name=f"{place.canary}某")
    return make_membership(person, Role.DISTRICT_OFFICE, place.district)


@register_object("activation")
def activation(world: World, place: Place) -> dict[str, object]:
    person = make_user(full_name=f"{place.canary}新")
    issue_activation(user=person, at=clock.now(), issued_by=None)
    return {"pk": person.pk, "code": "WRNGWRNG2222"}


@register_object("lockout")
def lockout(world: World, place: Place) -> AccessAttempt:
    return AccessAttempt.objects.create(
        username=f"{place.canary}", ip_address="10.0.0.1", failures_since_start=9, attempt_time=clock.now()
    )


@register_object("account_request")
def account_request(world: World, place: Place) -> AccountRequest:
    """Asked for by somebody else of the district's office."""
    colleague = make_actor(Role.DISTRICT_OFFICE, place.district)
    return request_account_act(
        actor=colleague,
        at=clock.now(),
        act=AccountAct.CREATE,
        base_url="http://testserver/",
        username=f"matrix.{colleague.user.username}",
        full_name=f"{place.canary}新",
        role=Role.DISTRICT_OFFICE,
        organization=place.district,
    )


REQUEST_READERS = MANAGERS | {"SECURITY_ADMIN": "any", "AUDITOR": "any"}
REQUEST_PAGES = dict.fromkeys(REQUEST_READERS, "own")
NEW_USER = {"username": "matrix.new", "full_name": "新人", "role": "DISTRICT_OFFICE"}
REASON = {"reason": "矩阵测试"}

ENTRIES += [
    Entry(
        "accounts:user_list",
        {"DISTRICT_OFFICE": "own", "CITY_OFFICE": "any", "SYSTEM_ADMIN": "any"},
        shows="user",
    ),
    Entry(
        "accounts:user_create",
        MANAGER_PAGES,
        methods=FORM,
        data=lambda world, place: NEW_USER | {"organization": place.district.pk},
        foreign_data={"organization": lambda world: world.foreign.district.pk},
        foreign_data_roles=("DISTRICT_OFFICE",),
    ),
    Entry("accounts:user_import", MANAGER_PAGES, methods=FORM),
    Entry("accounts:user_import_confirm", MANAGER_PAGES, methods=("POST",), data={"staged": "x"}),
    Entry("accounts:user_import_template", MANAGER_PAGES),
    Entry("accounts:user_detail", MANAGERS, object="user"),
    Entry(
        "accounts:user_edit",
        MANAGERS,
        object="user",
        methods=FORM,
        data={"full_name": "改名"},
    ),
    Entry("accounts:user_reset", MANAGERS, object="user", methods=FORM),
    Entry("accounts:user_disable", MANAGERS, object="user", methods=FORM, data=REASON),
    Entry("accounts:user_enable", MANAGERS, object="disabled_user", methods=FORM, data=REASON),
    Entry("accounts:user_dismiss", MANAGERS, object="user", methods=FORM, data=REASON),
    Entry(
        "accounts:membership_create",
        MANAGERS,
        object="user",
        methods=FORM,
        data=lambda world, place: {"role": "LEADER", "organization": place.district.pk},
        foreign_data={"organization": lambda world: world.foreign.district.pk},
        foreign_data_roles=("DISTRICT_OFFICE",),
    ),
    Entry("accounts:membership_end", MANAGERS, object="membership", methods=FORM, data=REASON),
    Entry("accounts:request_list", REQUEST_READERS, shows="account_request"),
    Entry("accounts:request_slips", REQUEST_PAGES),
    Entry("accounts:request_detail", REQUEST_READERS, object="account_request", shows="account_request"),
    Entry(
        "accounts:requests_approve",
        REQUEST_PAGES,
        methods=("POST",),
        data=lambda world, place: {"request": world.kwargs("account_request", place.relation)["pk"]},
        # By whom it may not be decided: 403 says who may.
        status=frozenset({302, 403}),
    ),
    Entry(
        "accounts:request_refuse",
        REQUEST_READERS,
        object="account_request",
        methods=("POST",),
        data={"comment": "矩阵测试"},
        status=frozenset({302, 403}),
    ),
    Entry(
        "accounts:request_withdraw",
        MANAGERS,
        object="account_request",
        methods=("POST",),
        status=frozenset({403}),
    ),
    Entry("accounts:profile", EVERYONE, methods=FORM, data={"full_name": "改名"}),
    Entry("accounts:switch_capacity", EVERYONE, methods=FORM, data={"capacity": "m999999"}),
    Entry("accounts:activate", public=True, methods=FORM),
    Entry("accounts:activate_link", public=True, object="activation", methods=FORM, status=frozenset({404})),
    Entry("accounts:sms_sign_in", public=True, methods=FORM, data={"phone": "13900000000"}),
    Entry("accounts:sms_code", public=True, methods=FORM, may_lead_to_sign_in=True),
    Entry("accounts:audit_list", {"AUDITOR": "any"}),
    Entry("accounts:lockout_list", {"SECURITY_ADMIN": "any"}, shows="lockout"),
    Entry("accounts:lockout_lift", {"SECURITY_ADMIN": "any"}, object="lockout", methods=("POST",)),
]


KEEPERS = {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "own"}


@register_object("body")
def body(world: World, place: Place) -> TripartiteBody:
    """One body per organization: own is the district's, sibling a township's of it, foreign the other district's."""
    organization = place.township if place.relation == "sibling" else place.district
    return TripartiteBody.objects.create(
        organization=organization, name=f"{place.canary}三方机构", contact_name=f"{place.canary}某"
    )


@register_object("body_unit")
def body_unit(world: World, place: Place) -> MemberUnit:
    """A department of the body above."""
    organization = place.township if place.relation == "sibling" else place.district
    TripartiteBody.objects.get_or_create(
        organization=organization, defaults={"name": f"{place.canary}三方机构"}
    )
    return MemberUnit.objects.create(
        organization=organization,
        kind=MemberUnitKind.HRSS,
        side="GOVERNMENT",
        name=f"{organization.name}部门",
    )


@register_object("seat")
def seat(world: World, place: Place) -> Seat:
    organization = place.township if place.relation == "sibling" else place.district
    owner, _ = TripartiteBody.objects.get_or_create(
        organization=organization, defaults={"name": f"{place.canary}三方机构"}
    )
    return Seat.objects.create(body=owner, kind=MemberUnitKind.HRSS)


ENTRIES += [
    Entry(
        "accounts:body_list",
        {
            "DISTRICT_OFFICE": "own",
            "DISTRICT_MEMBER": "own",
            "LEADER": "own",
            "CITY_OFFICE": "any",
            "CITY_MEMBER": "any",
        },
        shows="body",
    ),
    Entry(
        "accounts:body_detail",
        {
            "DISTRICT_OFFICE": "own",
            "DISTRICT_MEMBER": "own",
            "LEADER": "own",
            "CITY_OFFICE": "any",
            "CITY_MEMBER": "any",
        },
        object="body",
        shows="body",
    ),
    Entry("accounts:body_edit", KEEPERS, object="body", methods=FORM, data={"name": "改名"}),
    Entry(
        "accounts:bodies_establish",
        KEEPERS,
        methods=FORM,
        data={"established_on": "2023-09-01", "document_number": "矩字〔2023〕1号"},
        foreign_data={"body": lambda world: world.kwargs("body", "foreign")["pk"]},
        foreign_data_roles=("DISTRICT_OFFICE",),
    ),
    Entry(
        "accounts:park_create",
        KEEPERS,
        methods=FORM,
        data=lambda world, place: {"district": place.district.pk, "name": "矩阵园区"},
        foreign_data={"district": lambda world: world.foreign.district.pk},
        foreign_data_roles=("DISTRICT_OFFICE",),
    ),
    Entry("accounts:seat_create", KEEPERS, object="body", methods=FORM, data={"kind": "HRSS"}),
    Entry("accounts:seat_remove", KEEPERS, object="seat", methods=FORM, data={"reason": "短"}),
    Entry(
        "accounts:member_unit_edit",
        KEEPERS,
        object="body_unit",
        methods=FORM,
        data={"name": "改名部门", "kind": "HRSS"},
    ),
    Entry(
        "accounts:member_unit_create",
        KEEPERS,
        object="body",
        methods=FORM,
        data={"name": "新部门", "kind": "HRSS"},
    ),
    Entry(
        "accounts:seat_edit",
        KEEPERS,
        object="seat",
        methods=FORM,
        data={"state": "NOT_ESTABLISHED"},
        foreign_data={"unit": lambda world: world.foreign.member_unit.pk},
        foreign_data_roles=("DISTRICT_OFFICE", "CITY_OFFICE"),
    ),
]
