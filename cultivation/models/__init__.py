from cultivation.models.campaign import AnnualTarget, CampaignYear, Milestone
from cultivation.models.contacts import SubjectContact
from cultivation.models.enrollments import Enrollment, Participation
from cultivation.models.imports import ImportBatch, ImportReport
from cultivation.models.subjects import Subject, SubjectProfile

__all__ = [
    "AnnualTarget",
    "CampaignYear",
    "Enrollment",
    "ImportBatch",
    "ImportReport",
    "Milestone",
    "Participation",
    "Subject",
    "SubjectContact",
    "SubjectProfile",
]
