"""Who sits at the desk in most journeys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.looking import someone


@pytest.fixture
def desk(new_page: Callable[..., Page]) -> Page:
    """王区办 of 滕州市 at a desk."""
    return someone(new_page, "tengzhou")
