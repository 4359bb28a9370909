"""Taking uploads in, for the views of the upper apps: JSON, htmx fragment or plain form, by what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.http import htmx_redirect, way_back
from zaozhuang_portal.operations.access import sealing_of
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import (
    attachments_of,
    files_of_one,
    mark_versions,
)
from zaozhuang_portal.operations.services.attachments import store_attachment


@dataclass(frozen=True)
class UploadRefusal:
    """One file that was not taken, and why."""

    name: str
    code: str
    message: str


@dataclass
class UploadOutcome:
    stored: list[Attachment] = field(default_factory=list)
    refusals: list[UploadRefusal] = field(default_factory=list)

    @property
    def status(self) -> int:
        return 422 if self.refusals else 200


def receive_uploads(
    request: HttpRequest,
    owner_kind: str,
    owner_id: int,
    *,
    organization: Organization | None = None,
    field_name: str = "file",
    purpose: str = "",
    uid: UUID | None = None,
) -> UploadOutcome:
    """Store every file of the request; each is judged by itself. For views that render their own page around it.

    "" as `purpose` is the usual one of the owner; `uid` is the device's id of a file that comes alone.
    Raises NotAllowed when the actor may not write to this owner.
    """
    outcome = UploadOutcome()
    files = request.FILES.getlist(field_name)
    if not files:
        outcome.refusals.append(UploadRefusal("", "missing", "请选择要上传的文件。"))
    for upload in files:
        try:
            outcome.stored.append(
                store_attachment(
                    actor=actor_of(request),
                    owner_kind=owner_kind,
                    owner_id=owner_id,
                    upload=upload,
                    now=clock.now(),
                    organization=organization,
                    purpose=purpose,
                    uid=uid if len(files) == 1 else None,
                )
            )
        except NotAllowed:
            raise
        except DomainError as error:
            outcome.refusals.append(UploadRefusal(upload.name or "", error.code, error.message))
    return outcome


def handle_upload(
    request: HttpRequest,
    owner_kind: str,
    owner_id: int,
    *,
    organization: Organization | None = None,
    field_name: str = "file",
    back_url: str = "",
    purpose: str = "",
    mark: Callable[[list[Attachment]], None] | None = None,
    uid: UUID | None = None,
) -> HttpResponse:
    """The whole answer to an upload POST. The calling view has guarded the owner and allows POST only.

    JSON for `Accept: application/json`; the new rows for the upload box of portal.js (`X-Upload: 1`); the whole list
    for htmx; otherwise back to `next` or `back_url`. Refusals keep their file's name beside the cause (422), a refused
    right is 403. `mark` points out, on the new rows, files the page around them already lists; without it those
    of the owner are.
    """
    try:
        outcome = receive_uploads(
            request,
            owner_kind,
            owner_id,
            organization=organization,
            field_name=field_name,
            purpose=purpose,
            uid=uid,
        )
    except NotAllowed as error:
        outcome = UploadOutcome(refusals=[UploadRefusal("", error.code, error.message)])
        return _answer(request, (owner_kind, owner_id, purpose), outcome, back_url, error.status)
    if outcome.stored and mark is not None:
        mark(outcome.stored)
    elif outcome.stored:
        _mark_within(owner_kind, owner_id, outcome.stored)
    return _answer(request, (owner_kind, owner_id, purpose), outcome, back_url, outcome.status)


def _mark_within(owner_kind: str, owner_id: int, stored: list[Attachment]) -> None:
    marked = {file.pk: file for file in attachments_of(owner_kind, [owner_id]).get(owner_id, [])}
    for file in stored:
        file.duplicate_of = marked[file.pk].duplicate_of if file.pk in marked else ""


def _answer(
    request: HttpRequest, place: tuple[str, int, str], outcome: UploadOutcome, back_url: str, status: int
) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_as_json(outcome), status=status, json_dumps_params={"ensure_ascii": False})
    if request.headers.get("X-Upload") == "1":
        if outcome.refusals:
            words = "；".join(refusal.message for refusal in outcome.refusals)
            return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
        mark_versions(outcome.stored, sealing_of(place[0], place[1]))
        added = {"files": outcome.stored, "editable": True}
        return render(request, "operations/_attachment_rows.html", added)
    if request.headers.get("HX-Request") == "true":
        listed = {
            **file_list_context(place[0], place[1], editable=status != 403, purpose=place[2]),
            "refusals": outcome.refusals,
        }
        return render(request, "operations/_attachments.html", listed, status=status)
    back = way_back(request, back_url)
    if not outcome.refusals:
        messages.success(request, f"已上传 {len(outcome.stored)} 个文件。")
        return htmx_redirect(request, back)
    return render(
        request, "operations/upload_result.html", {"outcome": outcome, "back_url": back}, status=status
    )


def file_list_context(
    owner_kind: str, owner_id: int, *, editable: bool, purpose: str = ""
) -> dict[str, object]:
    """The context of operations/_attachments.html for one owner: all its files, or those of one purpose.

    `kept_files`: removed after the owner was sealed, still readable. `may_add`: whether a box for more is offered.
    Statements: 1 and those of the owner's sealing.
    """
    files, kept, sealing = files_of_one(owner_kind, owner_id)
    wanted = [file for file in files if purpose in ("", file.purpose)]
    return {
        "files": wanted,
        "kept_files": [file for file in kept if purpose in ("", file.purpose)],
        "editable": editable,
        "sealing": sealing,
        "may_add": editable and (not sealing.now or sealing.additions or not wanted),
    }


def _as_json(outcome: UploadOutcome) -> dict[str, object]:
    return {
        "attachments": [
            {"uid": str(file.uid), "name": file.label, "size": file.size, "url": file.get_absolute_url()}
            for file in outcome.stored
        ],
        "errors": [
            {"name": refusal.name, "code": refusal.code, "message": refusal.message}
            for refusal in outcome.refusals
        ],
    }
