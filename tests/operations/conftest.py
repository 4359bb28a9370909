from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_actor
from tests.operations import kinds
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.services.jobs import request_job


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Path) -> Path:
    """Every test has its own file store."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture(autouse=True)
def nobody_refused() -> Iterator[None]:
    kinds.REFUSED.clear()
    yield


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor()


@pytest.fixture
def ask(actor: Actor) -> Callable[..., Job]:
    """Request a job of a test kind; parameters as keywords."""

    def request(kind: str = "test.report", *, by: Actor | None = None, **parameters: Any) -> Job:
        return request_job(actor=by or actor, kind=kind, parameters=parameters, now=clock.now())

    return request


def stored_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
