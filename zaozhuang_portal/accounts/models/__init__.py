from zaozhuang_portal.accounts.models.audit import AuditEntry, AuditSeal
from zaozhuang_portal.accounts.models.bodies import MemberUnit, Seat, TripartiteBody
from zaozhuang_portal.accounts.models.organizations import Organization
from zaozhuang_portal.accounts.models.users import Membership, User

__all__ = ["AuditEntry", "AuditSeal", "MemberUnit", "Membership", "Organization", "Seat", "TripartiteBody", "User"]
