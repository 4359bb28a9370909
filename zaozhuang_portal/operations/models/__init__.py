from zaozhuang_portal.operations.models.attachments import Attachment
from zaozhuang_portal.operations.models.jobs import Job
from zaozhuang_portal.operations.models.notifications import Notification
from zaozhuang_portal.operations.models.reminders import Reminder, ReminderDigest

__all__ = ["Attachment", "Job", "Notification", "Reminder", "ReminderDigest"]
