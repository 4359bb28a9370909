"""Canaries of what an inspector must not see before he has judged: both layers' words, both scores, the reason of sampling.

Every assessment of the world carries them, and somebody of the city office, who opens more pages than anybody else, is
to judge a check of each of its subjects blind.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from evaluation.enums import ItemReason, Layer
from evaluation.models import Answer, Assessment, CheckLine, Inspector, ScoreLook, ScoreSheet, SpotCheck
from tests.evaluation.site_builders import make_site_check, make_site_round
from tests.matrix.matrix import Entry
from tests.matrix.world import World
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.services.job_runner import run_job

INSPECTOR = Role.CITY_OFFICE.value
CLAIM, STATEMENT = "自评旗语", "核验旗语"
OWN, VERIFIED = Decimal("37.41"), Decimal("38.53")
CANARIES = (CLAIM, STATEMENT, f"{OWN}", f"{VERIFIED}", "自评满分")
# The pages of a check, of its round, team and letters: nothing of a score may stand there, noted or not.
OF_THE_CHECK = (
    "evaluation:check_",
    "evaluation:spot_check",
    "evaluation:team",
    "evaluation:notice",
    "evaluation:letter",
)


ON_THE_SHEET = ("D02-01", "D02-02", "D02-03")


def make_team_member(check: SpotCheck, actor: Actor) -> None:
    person = Inspector.objects.get(user=actor.user)
    if not check.team.filter(inspector=person).exists():
        check.team.create(inspector=person, from_at=clock.now())


def hide_canaries(world: World) -> None:
    """Items that both layers have entered, of every handed-in assessment, not judged yet on the checks of its subject."""
    Answer.objects.filter(layer=Layer.SELF).update(words=CLAIM)
    for assessment in Assessment.objects.filter(submitted_at__isnull=False).select_related("subject"):
        codes = [*ON_THE_SHEET, *assessment.answers.values_list("indicator", flat=True)[:1]]
        for code in codes:
            Answer.objects.update_or_create(
                assessment=assessment,
                layer=Layer.DISTRICT,
                indicator=code,
                defaults={
                    "words": STATEMENT,
                    "reason": STATEMENT,
                    "verdict": "CHANGED",
                    "reason_code": "OTHER",
                    "inputs": [],
                    "updated_at": assessment.updated_at,
                },
            )
        check = make_site_check(
            world.actors[INSPECTOR],
            None,
            assessment=assessment,
            codes=tuple(codes),
            round=make_site_round(2024),
        )
        # The checks the entries of the matrix ask for.
        for other in SpotCheck.objects.filter(subject=assessment.subject).exclude(pk=check.pk):
            SpotCheck.objects.filter(pk=other.pk).update(assessment=assessment)
            make_team_member(other, world.actors[INSPECTOR])
    CheckLine.objects.update(item_reason=ItemReason.AFFIRMED)
    ScoreSheet.objects.filter(layer=Layer.SELF).update(total=OWN, scaled_total=OWN)
    ScoreSheet.objects.exclude(layer=Layer.SELF).update(total=VERIFIED, scaled_total=VERIFIED)


def told(text: str) -> list[str]:
    return [one for one in CANARIES if one in text]


def files_made(user_pk: int) -> Iterator[tuple[Job, bytes]]:
    """Run what was asked for and read what came of it."""
    for job in Job.objects.filter(requested_by=user_pk, state=JobState.PENDING).order_by("pk"):
        run_job(job_id=job.pk)
        for made in Attachment.objects.of("job", job.pk):
            with made.file.open("rb") as stream:
                yield job, stream.read()


def looks(world: World) -> int:
    return ScoreLook.objects.filter(user=world.actors[INSPECTOR].user).count()


def opens(entry: Entry, method: str) -> bool:
    return method in entry.methods and (entry.public or entry.reaches(INSPECTOR, "own"))


def kwargs(world: World, entry: Entry) -> dict[str, Any]:
    return {**entry.kwargs, **(world.kwargs(entry.object, "own") if entry.object else {})}
