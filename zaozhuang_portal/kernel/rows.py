"""Fragments drawn by Jinja2, several times faster than Django's templates: what every page carries, and long tables.

The page around them stays a Django template (docs/decisions/0008-list-rendering.md). Fragments of pages stand under
templates/fragments, tables under templates/rows.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2
from django.core.signals import setting_changed
from django.template import engines
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.safestring import SafeString


def render_rows(name: str, **context: Any) -> SafeString:
    """The fragment `name`, autoescaped; a name the fragment asks for and does not get raises UndefinedError."""
    environment: jinja2.Environment = engines["rows"].env  # type: ignore[attr-defined]  # the Jinja2 backend's
    return SafeString(environment.get_template(name).render(context))


@cache
def _address(prefix: str, urlconf: str | None, name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def address(name: str) -> str:
    """The address of a page without arguments, "" where there is none; addresses do not change while the process runs."""
    return _address(get_script_prefix(), get_urlconf(), name)


static_address = cache(static)


def make_environment(**options: Any) -> jinja2.Environment:
    """The engine "rows" of settings.TEMPLATES: autoescape, StrictUndefined, and the names every fragment may use."""
    from zaozhuang_portal.kernel.templatetags import portal_ui

    environment = jinja2.Environment(**options)  # noqa: S701 - Django's backend passes autoescape=True
    environment.globals |= {
        "address": address,
        "static": static_address,
        "icon": portal_ui.icon,
        "options": portal_ui.options,
    }
    return environment


def _forget(**_: object) -> None:
    _address.cache_clear()
    static_address.cache_clear()


# Only tests change settings while the process runs.
setting_changed.connect(_forget, dispatch_uid="kernel.rows")
