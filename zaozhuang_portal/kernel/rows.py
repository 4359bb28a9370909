"""Long tables: fragments under templates/rows drawn by Jinja2, several times faster than Django's templates.

Only for what repeats by the row; the page around it stays a Django template (docs/decisions/0008-list-rendering.md).
"""

from __future__ import annotations

from typing import Any

from django.template import engines
from django.utils.safestring import SafeString


def render_rows(name: str, **context: Any) -> SafeString:
    """The fragment `name`, autoescaped; a name the fragment asks for and does not get raises UndefinedError."""
    return SafeString(engines["rows"].get_template(name).render(context))
