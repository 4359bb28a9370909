from cultivation.models.campaign import AnnualTarget, CampaignYear, Milestone
from cultivation.models.contacts import SubjectContact
from cultivation.models.enrollments import Enrollment, Participation
from cultivation.models.subjects import Subject, SubjectProfile

__all__ = [
    "AnnualTarget",
    "CampaignYear",
    "Enrollment",
    "Milestone",
    "Participation",
    "Subject",
    "SubjectContact",
    "SubjectProfile",
]
