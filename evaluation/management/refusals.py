"""How a command of this app refuses: every problem, in Chinese on standard error or as JSON, status 1."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from evaluation.rules.problems import ProblemsError
from zaozhuang_portal.kernel.errors import DomainError


class ProblemCommandMixin:
    """For BaseCommand subclasses; `refuse` ends the command with exit status 1."""

    stdout: Any
    stderr: Any

    def refuse(self, error: DomainError, *, as_json: bool) -> NoReturn:
        found = (
            [(problem.code, problem.message) for problem in error.problems]
            if isinstance(error, ProblemsError)
            else [(error.code, error.message)]
        )
        if as_json:
            errors = [{"code": code, "message": message} for code, message in found]
            self.stdout.write(json.dumps({"errors": errors}, ensure_ascii=False, indent=2))
        else:
            self.stderr.write("\n".join(message for _, message in found))
        sys.exit(1)
