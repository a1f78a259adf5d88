"""When the dataset will be done, in words. Computes nothing."""

from datetime import date

from engine.workflows.status import Outlook, StatusReport


def outlook(report: StatusReport) -> list[str]:
    """Return the lines that say how the dataset goes on; none where there is nothing to say."""
    told = report.outlook
    if told is None:
        return []
    if report.accepted_seconds >= report.target_seconds and told.done_by:
        return [f"reached on {told.done_by}"]
    return [_pace(told), *_short(told)]


def _pace(told: Outlook) -> str:
    """Say how fast people are and when they will be done."""
    if not told.window:
        return "pace: nobody worked in the last four weeks; no forecast"
    days = "the last day" if told.window == 1 else f"the last {told.window} days"
    pace = f"pace: {told.rate:,.1f} s accepted a day over {days} at work"
    return (
        f"{pace}; done by {told.done_by}{_band(told)}" if told.done_by else f"{pace}; no forecast"
    )


def _band(told: Outlook) -> str:
    """Say how early and how late it may be, where that is another day."""
    if told.early == told.late:
        return ""
    return f" ({_day(told.early)} to {_day(told.late)})"


def _day(day: date | None) -> str:
    return "never" if day is None else str(day)


def _short(told: Outlook) -> list[str]:
    """Say how much footage is missing."""
    if not told.short:
        return []
    return [f"footage: {told.short:,.1f} s too little, were every clip accepted; `engine ingest` adds some"]  # fmt: skip
