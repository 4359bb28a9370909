from cultivation.models.assistance import CultureActivity, EmploymentAdvisory, Mediation
from cultivation.models.backfill import BackfillRequest
from cultivation.models.campaign import AnnualTarget, CampaignYear, Milestone
from cultivation.models.contacts import SubjectContact
from cultivation.models.enrollments import Enrollment, Participation
from cultivation.models.figures import PeriodFigure
from cultivation.models.holidays import Holiday
from cultivation.models.imports import ImportBatch, ImportReport
from cultivation.models.incentives import Incentive
from cultivation.models.industry import (
    FieldStudy,
    IndustryAction,
    IndustryAuthority,
    IndustryGuide,
    PilotMember,
    PilotPartner,
    PilotProgress,
)
from cultivation.models.lives import Handover, SubjectHistory, SubjectTransfer
from cultivation.models.mechanism import PolicyAdoption, PolicyDocument, TaskForce
from cultivation.models.pairings import Pairing
from cultivation.models.records import DatedRecord, Record
from cultivation.models.risk_classes import RiskRating
from cultivation.models.rosters import RosterChange
from cultivation.models.saved_filters import SavedFilter
from cultivation.models.situation import (
    AwarenessFigure,
    BestPractice,
    CampaignBrand,
    ExemplaryStory,
    PracticeAdoption,
    PublicityItem,
    SituationReview,
)
from cultivation.models.staff import (
    BargainingInstructor,
    Coordinator,
    LiaisonAssignment,
    PublicServicePoint,
    ServicePointTally,
)
from cultivation.models.subjects import Subject, SubjectProfile
from cultivation.models.trainings import Training, TrainingAttendance
from cultivation.models.visits import GuidanceVisit, VisitParticipant
from cultivation.models.work_plans import Countersignature, CultivationRoster, WorkItem, WorkPlan
from cultivation.models.year_corrections import CorrectedChange, YearCorrection

__all__ = [
    "AnnualTarget",
    "AwarenessFigure",
    "BackfillRequest",
    "BargainingInstructor",
    "BestPractice",
    "CampaignBrand",
    "CampaignYear",
    "Coordinator",
    "CorrectedChange",
    "Countersignature",
    "CultivationRoster",
    "CultureActivity",
    "DatedRecord",
    "EmploymentAdvisory",
    "Enrollment",
    "ExemplaryStory",
    "FieldStudy",
    "GuidanceVisit",
    "Handover",
    "Holiday",
    "ImportBatch",
    "ImportReport",
    "Incentive",
    "IndustryAction",
    "IndustryAuthority",
    "IndustryGuide",
    "LiaisonAssignment",
    "Mediation",
    "Milestone",
    "Pairing",
    "Participation",
    "PeriodFigure",
    "PilotMember",
    "PilotPartner",
    "PilotProgress",
    "PolicyAdoption",
    "PolicyDocument",
    "PracticeAdoption",
    "PublicServicePoint",
    "PublicityItem",
    "Record",
    "RiskRating",
    "RosterChange",
    "SavedFilter",
    "ServicePointTally",
    "SituationReview",
    "Subject",
    "SubjectContact",
    "SubjectHistory",
    "SubjectProfile",
    "SubjectTransfer",
    "TaskForce",
    "Training",
    "TrainingAttendance",
    "VisitParticipant",
    "WorkItem",
    "WorkPlan",
    "YearCorrection",
]
