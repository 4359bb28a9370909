"""Kinds of job. An upper app registers what its kinds run in AppConfig.ready() (design §1: no arrow upward)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Job


class JobCancelled(Exception):
    """Raised by check_cancelled() between batches. `kept` says in Chinese what stays done."""

    def __init__(self, kept: str = "") -> None:
        super().__init__(kept)
        self.kept = kept


class LeaseLost(Exception):
    """Another worker holds the job now (or it was ended): stop at once, nothing of this run counts."""


class JobContext(Protocol):
    """What a running job sees of the machine around it."""

    @property
    def job(self) -> Job: ...

    @property
    def actor(self) -> Actor:
        """The requester in the capacity of the request, checked again when the run began."""
        ...

    def progress(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Show 「stage done/total」. Cheap: written at most twice a second. Raises LeaseLost."""
        ...

    def check_cancelled(self, kept: str = "") -> None:
        """Call between batches. Raises JobCancelled when the requester pressed 取消, LeaseLost when superseded."""
        ...

    def write_file(self, name: str, content: bytes | Path) -> None:
        """Store one result file (written under a temporary name, then renamed).

        `name` is what the person sees, with extension. It becomes downloadable only when the job is done.
        """
        ...


@dataclass(frozen=True)
class JobResult:
    """What a run hands back: one line for the person, plain JSON data, a link to go on.

    `commit` runs inside the transaction that ends the job, so its writes happen exactly once however often
    the job was started; the mapping it returns is added to `data`. It may raise DomainError.
    """

    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    commit: Callable[[], Mapping[str, Any] | None] | None = None


def allow_anyone(actor: Actor, parameters: Mapping[str, Any]) -> None:
    """For kinds whose parameters open nothing by themselves."""


def shared_with_nobody(actor: Actor, parameters: Mapping[str, Any]) -> bool:
    """For kinds whose results are the requester's alone."""
    return False


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    `allow(actor, parameters)` raises DomainError when the actor may not have this; asked when the job is requested,
    again when it runs, and again at each download. `run` raises DomainError for a cause the person can mend
    (no retry); anything else is tried again, three times in all. A run longer than `max_minutes` loses its lease.
    `keep_days`: how long the result files stay. `shared(actor, parameters)`: whether somebody else than the requester may
    read them too; asked at each download.
    """

    key: str
    title: str
    run: Callable[[JobContext], JobResult]
    allow: Callable[[Actor, Mapping[str, Any]], None] = allow_anyone
    shared: Callable[[Actor, Mapping[str, Any]], bool] = shared_with_nobody
    keep_days: int = 7
    max_minutes: int = 60


# Entered around every run: (actor, title of the kind, address of the job).
RunWatch = Callable[[Actor, str, str], AbstractContextManager[None]]

_kinds: dict[str, JobKind] = {}
_watches: list[RunWatch] = []


def register_run_watch(watch: RunWatch) -> None:
    """`watch` learns of each run on whose behalf it reads what it reads."""
    if watch not in _watches:
        _watches.append(watch)


@contextmanager
def watched_run(actor: Actor, title: str, address: str) -> Iterator[None]:
    with ExitStack() as stack:
        for watch in _watches:
            stack.enter_context(watch(actor, title, address))
        yield


def register_job_kind(kind: JobKind) -> None:
    """Raises ValueError when another kind already has this key, or the key is longer than its column (40)."""
    if len(kind.key) > 40:
        raise ValueError(f"job kind {kind.key}: at most 40 characters")
    known = _kinds.get(kind.key)
    if known is not None and known != kind:
        raise ValueError(f"job kind {kind.key} is registered twice")
    _kinds[kind.key] = kind


def find_job_kind(key: str) -> JobKind:
    """The kind, or DomainError: the row may be older than this version of the program."""
    if key not in _kinds:
        raise DomainError(f"系统当前版本不认识任务类别“{key}”，请联系系统管理员。", code="unknown_job_kind")
    return _kinds[key]


def job_kind_title(key: str) -> str:
    """For lists: the title, or the key itself for a kind that is gone."""
    return _kinds[key].title if key in _kinds else key
