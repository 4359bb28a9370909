"""数据截至日 and 制表日: which days a paper may be made as of, and what its foot says about them (design §5)."""

from __future__ import annotations

from datetime import date

from reporting.rules.annual_facts import chinese_date
from reporting.rules.figures import ReportFigures


def refuse_cutoff(as_of: date, *, today: date, period_start: date, year: int) -> str:
    """Why no figures can be as of that day, or "". The future is not known; before the period nothing was counted."""
    if as_of > today:
        return f"数据截至日 {as_of} 在今天（{today}）之后，还没有这一天的数据。请改为今天或以前的日期。"
    if as_of < period_start:
        return (
            f"数据截至日 {as_of} 早于{year}年度统计期（{period_start} 起），当时还没有{year}年度的数据。"
            f"请改为 {period_start} 以后的日期，或核对年度。"
        )
    return ""


def cutoff_mark(figures: ReportFigures) -> str:
    """The short form, for the head of a draft's pages."""
    words = f"数据截至{chinese_date(figures['as_of'])}"
    return f"{words}（部分为制表日数据）" if figures.get("as_made") else words


def cutoff_words(figures: ReportFigures) -> str:
    """「数据截至2026年11月20日」; made later, it says until when 补录 was entered and names what is 制表日数据."""
    words = f"数据截至{chinese_date(figures['as_of'])}"
    made_on = figures.get("made_on", figures["as_of"])
    if made_on == figures["as_of"]:
        return words
    words += f"，补录数据录入至{chinese_date(made_on)}"
    if names := figures.get("as_made"):
        words += f"；{'、'.join(names)}为制表日数据（制表日{chinese_date(made_on)}）"
    return words
