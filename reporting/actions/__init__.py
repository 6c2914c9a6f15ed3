"""All that changes a report."""

from reporting.actions.drafts import open_report, save_draft
from reporting.actions.objects import receive_object
from reporting.actions.publish import note_given_up, note_sent_again, publish_version
from reporting.actions.sign import sign_report

__all__ = [
    "note_given_up", "note_sent_again", "open_report", "publish_version", "receive_object", "save_draft", "sign_report",
]  # fmt: skip
