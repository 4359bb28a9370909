from zaozhuang_portal.accounts.models.audit import AuditEntry, AuditSeal
from zaozhuang_portal.accounts.models.bodies import MemberUnit, Seat, TripartiteBody
from zaozhuang_portal.accounts.models.codes import OneTimeCode
from zaozhuang_portal.accounts.models.form_keys import FormKey
from zaozhuang_portal.accounts.models.organizations import Organization
from zaozhuang_portal.accounts.models.requests import AccountRequest
from zaozhuang_portal.accounts.models.row_versions import RowVersion
from zaozhuang_portal.accounts.models.users import Membership, PasswordHistory, User

__all__ = [
    "AccountRequest",
    "AuditEntry",
    "AuditSeal",
    "FormKey",
    "MemberUnit",
    "Membership",
    "OneTimeCode",
    "Organization",
    "PasswordHistory",
    "RowVersion",
    "Seat",
    "TripartiteBody",
    "User",
]
