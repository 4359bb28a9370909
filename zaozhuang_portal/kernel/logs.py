"""Log lines that cannot be forged: a line break or another control character in a value never starts a new line."""

from __future__ import annotations

import logging
import re

_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str) -> str:
    """The text with every run of control, line-separating and bidirectional characters made one space."""
    return _CONTROL.sub(" ", text)


class LineFormatter(logging.Formatter):
    """Formats the message on one line; a traceback keeps its own lines, each indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        text = super().formatException(ei)  # type: ignore[arg-type]  # same argument, passed through
        return "\n".join("    " + one_line(line) for line in text.splitlines())
