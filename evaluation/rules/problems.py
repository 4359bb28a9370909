"""What is wrong with a file or an answer: collected, all at once, in words that say how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zaozhuang_portal.kernel.errors import DomainError


@dataclass(frozen=True)
class Problem:
    """`code` is stable for programs, `path` points into the file, `message` is Chinese: what, where, how to mend."""

    code: str
    path: str
    message: str


class Problems:
    """A growing list of problems. `locate` may turn a path into a place of the source, such as a sheet and row."""

    def __init__(self, locate: Callable[[str], str] | None = None) -> None:
        self._items: list[Problem] = []
        self._locate = locate

    def add(self, code: str, path: str, message: str) -> None:
        place = self._locate(path) if self._locate else ""
        self._items.append(Problem(code, path, f"{place}{message}"))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def as_tuple(self) -> tuple[Problem, ...]:
        return tuple(self._items)


class ProblemsError(DomainError):
    """Refused, with every problem found. `message` joins them, one per line."""

    def __init__(self, problems: tuple[Problem, ...], *, code: str) -> None:
        super().__init__("\n".join(problem.message for problem in problems), code=code)
        self.problems = problems


class IndicatorSetError(ProblemsError):
    """The indicator-set file cannot be taken as it stands."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="indicator_set")


class ScoringError(ProblemsError):
    """The answers cannot be scored as they stand."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="answers")
