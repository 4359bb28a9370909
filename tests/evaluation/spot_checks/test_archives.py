"""公示包: a stranger checks the sample with what lies in it, and finds no person in it."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import reverse

from cultivation.models import Subject
from evaluation.enums import CheckState, Conclusion
from evaluation.models import (
    CheckLine,
    Finding,
    Inspector,
    PopulationRow,
    SeedTicket,
    SpotCheck,
    SpotCheckRound,
    TeamMember,
)
from tests.evaluation.spot_check_builders import (
    NOW,
    freeze,
    make_drawn_round,
    make_population,
    make_round,
    make_seats,
)
from tests.evaluation.spot_checks.dashboard_builders import found_line
from tests.evaluation.spot_checks.team_builders import a_team
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User

CANARY = "金丝雀"


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def url(held: SpotCheckRound, phase: str) -> str:
    return reverse("evaluation:spot_check_archive", args=[held.pk, phase])


def concluded_round(office: Actor) -> SpotCheckRound:
    held = make_drawn_round(office, subjects=4, default_rate="50")
    first = SpotCheck.objects.filter(round=held, subject__isnull=False).earliest("pk")
    a_team(first)
    SpotCheck.objects.filter(round=held).update(
        state=CheckState.CONCLUDED,
        proposed_at=NOW,
        proposed_conclusion=Conclusion.RECTIFY,
        concluded_at=NOW,
        conclusion=Conclusion.RECTIFY,
        visited_on=date(2026, 11, 12),
    )
    found_line(SpotCheck.objects.get(pk=first.pk), "D02-01", office, kind="INDICATOR")
    return held


def plant_canaries() -> None:
    """Every free text and every field of a person says CANARY; what stays is what the archive may tell."""
    kept = {
        SpotCheck: {"number", "code", "name", "stratum", "ticket"},
        CheckLine: {"code", "title"},
        Finding: {"number", "clause"},
        SeedTicket: {"unit_name", "commitment", "digits", "nonce"},
        PopulationRow: {"code", "name", "stratum", "ticket", "exclusion", "kind", "risk_class"},
        Subject: {"name", "credit_code"},
        Inspector: set(),
        TeamMember: {"ticket"},
        User: {"password", "username"},
    }
    for model, told in kept.items():
        texts = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, (CharField, TextField)) and not field.choices and field.name not in told
        ]
        for row in model.objects.all():
            for field in texts:
                value = getattr(row, field.attname)
                # Constraints tie an empty text to the state: what is empty stays so unless it may be filled freely.
                if value or field.name in {"contact_name", "contact_phone", "phone", "place", "papers_seen"}:
                    setattr(row, field.attname, f"{CANARY}{row.pk}"[: field.max_length or 99])
            row.save()


def unpacked(client: Client, held: SpotCheckRound, phase: str, folder: Path) -> zipfile.ZipFile:
    answer = client.get(url(held, phase))
    assert answer.status_code == 200 and ".zip" in answer["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    archive.extractall(folder)
    return archive


def run(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    line = line.replace("python3", sys.executable, 1)
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False)


@time_machine.travel(NOW)
def test_a_stranger_checks_the_sample_by_the_lines_of_the_readme(
    client: Client, office: Actor, tmp_path: Path
) -> None:
    held = concluded_round(office)
    login(client, office)
    archive = unpacked(client, held, "concluded", tmp_path)
    readme = (tmp_path / "说明.txt").read_text()
    lines = [line.strip() for line in readme.splitlines()]
    sums = run(tmp_path, next(line for line in lines if line.startswith("sha256sum -c")))
    assert sums.returncode == 0 and sums.stdout.count(": ") == len(archive.namelist()) - 1
    again = run(tmp_path, next(line for line in lines if line.startswith("python3 redraw.py")))
    assert again.returncode == 0, again.stderr
    told = run(tmp_path, "sha256sum population_lines.tsv").stdout.split()[0]
    assert told == held.population_sha256 and held.population_sha256 in readme
    for name in archive.namelist():
        assert name == "SHA256SUMS" or f"{name}\t" in readme or name == "说明.txt", (
            "the readme names every file"
        )
    seats = list(csv.DictReader(io.StringIO((tmp_path / "seats.csv").read_text("utf-8-sig"))))
    assert "".join(one["数字"] for one in seats) == held.seed
    # Changed by a letter, both say so.
    (tmp_path / "population.csv").write_text(
        (tmp_path / "population.csv").read_text("utf-8-sig").replace("ENTERPRISE", "ENTERPRISF"), "utf-8"
    )
    assert run(tmp_path, "sha256sum -c SHA256SUMS").returncode == 1
    redraw = next(line for line in lines if line.startswith("python3 redraw.py"))
    assert "与公布的不同" in run(tmp_path, redraw).stderr


@time_machine.travel(NOW)
def test_no_person_is_in_any_phase(client: Client, office: Actor, tmp_path: Path) -> None:
    held = concluded_round(office)
    plant_canaries()
    assert Inspector.objects.filter(name__startswith=CANARY).exists()
    assert SeedTicket.objects.filter(speaker__startswith=CANARY).exists()
    login(client, office)
    for phase in ("before", "drawn", "concluded"):
        archive = unpacked(client, held, phase, tmp_path / phase)
        for name in archive.namelist():
            text = archive.read(name).decode()
            assert CANARY not in text, (phase, name)
        assert archive.read("SHA256SUMS")


@time_machine.travel(NOW)
def test_each_phase_tells_what_was_known_then(client: Client, office: Actor, tmp_path: Path) -> None:
    make_seats()
    make_population(2)
    login(client, office)
    planned = make_round(office)
    assert client.get(url(planned, "before")).status_code == 404
    held = freeze(planned, office)
    archive = unpacked(client, held, "before", tmp_path)
    assert {"population.csv", "plan.json", "seats.csv", "redraw.py"} < set(archive.namelist())
    assert not {"draw.json", "sample.csv", "conclusions.csv"} & set(archive.namelist())
    assert client.get(url(held, "drawn")).status_code == 404
    drawn = make_drawn_round(office, digits="27182818")
    archive = unpacked(client, drawn, "drawn", tmp_path / "drawn")
    assert "sample.csv" in archive.namelist() and "judgements.csv" not in archive.namelist()
    assert client.get(url(drawn, "concluded")).status_code == 404, "a check is still open"
    assert client.get(url(drawn, "whatever")).status_code == 404
    page = client.get(reverse("evaluation:spot_check_round", args=[drawn.pk])).text
    assert url(drawn, "drawn") in page and url(drawn, "concluded") not in page


@time_machine.travel(NOW)
def test_the_same_record_gives_the_same_bytes(client: Client, office: Actor) -> None:
    held = concluded_round(office)
    login(client, office)
    first, second = (hashlib.sha256(client.get(url(held, "concluded")).content) for _ in range(2))
    assert first.hexdigest() == second.hexdigest()
    login(client, make_actor(Role.DISTRICT_OFFICE))
    assert client.get(url(held, "drawn")).status_code == 403
