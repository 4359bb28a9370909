"""What an inspector sees of scores elsewhere while he is to judge blind is kept (design §4a): once here, not page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from evaluation.selectors.shown import scores_shown
from evaluation.services.spot_checks.looks import note_looks
from zaozhuang_portal.kernel import clock

# What stands on the record for an address; another page is told by its address.
PAGES = {
    "evaluation:review_list": "自评核验列表",
    "evaluation:review_detail": "自评核验",
    "evaluation:review_confirm": "确认核验结果",
    "evaluation:review_archive": "归档",
    "evaluation:review_verify": "完成核验",
    "evaluation:review_judge": "自评核验",
    "evaluation:review_return": "退回修改",
    "evaluation:review_send_back": "退回重新核验",
    "evaluation:review_recall": "撤回核验",
    "evaluation:assessment_result": "自评核验结果",
    "evaluation:assessment_print": "自评表（打印）",
    "evaluation:subject_assessments": "培育对象的自评",
    "reporting:workbench": "工作台",
}


class ScoreLooksMiddleware:
    """After the view: an answer that read scores of a subject whose blind check the person is judging is noted."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is None:
            return self.get_response(request)
        with scores_shown() as shown:
            response = self.get_response(request)
        if shown and response.status_code not in {301, 302, 303, 304, 403, 404, 500}:
            match = request.resolver_match
            name = match.view_name if match else ""
            note_looks(
                actor=actor,
                shown=shown,
                page=PAGES.get(name, request.path),
                address=request.path,
                now=clock.now(),
            )
        return response
