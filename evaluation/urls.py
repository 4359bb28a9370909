from __future__ import annotations

from django.urls import path

from evaluation.views import (
    adoption,
    assessments,
    declarations,
    evidence,
    indicator_sets,
    results,
    review_items,
    review_moves,
    reviews,
    sections,
    subject_tab,
    submission,
)

app_name = "evaluation"

urlpatterns = [
    # self-assessment (自评)
    path("a/", assessments.assessment_list, name="assessment_list"),
    path("a/start/<int:year>/<int:subject_pk>/", assessments.assessment_start, name="assessment_start"),
    path("a/<int:pk>/", assessments.assessment_home, name="assessment_home"),
    path("a/<int:pk>/start/", assessments.assessment_notes, name="assessment_notes"),
    path("a/<int:pk>/profile/", assessments.assessment_profile, name="assessment_profile"),
    path("a/<int:pk>/continue/", sections.assessment_continue, name="assessment_continue"),
    path("a/<int:pk>/s/<str:dimension>/", sections.assessment_section, name="assessment_section"),
    path("a/<int:pk>/i/<str:code>/", sections.answer_save, name="answer_save"),
    path("a/<int:pk>/i/<str:code>/conflict/", sections.answer_conflict, name="answer_conflict"),
    path("a/<int:pk>/f/<str:code>/", evidence.evidence_upload, name="evidence_upload"),
    path("a/<int:pk>/scan/", evidence.scan_upload, name="scan_upload"),
    path("a/<int:pk>/declarations/", declarations.assessment_declarations, name="assessment_declarations"),
    path("a/<int:pk>/d/<str:code>/", declarations.declaration_save, name="declaration_save"),
    path("a/<int:pk>/d/<str:code>/conflict/", declarations.declaration_conflict, name="declaration_conflict"),
    path("a/<int:pk>/losses/", submission.assessment_losses, name="assessment_losses"),
    path("a/<int:pk>/check/", submission.assessment_check, name="assessment_check"),
    path("a/<int:pk>/adoption/", adoption.assessment_adoption, name="assessment_adoption"),
    path("a/<int:pk>/adoption/freeze/", adoption.adoption_freeze, name="adoption_freeze"),
    path("a/<int:pk>/adoption/reopen/", adoption.adoption_reopen, name="adoption_reopen"),
    path("a/<int:pk>/adoption/correct/", adoption.adoption_correct, name="adoption_correct"),
    path("a/<int:pk>/adoption/ask/", adoption.adoption_ask, name="adoption_ask"),
    path("a/<int:pk>/adoption/text/", adoption.adoption_text, name="adoption_text"),
    path("a/<int:pk>/submit/", submission.assessment_submit, name="assessment_submit"),
    path("a/<int:pk>/done/", assessments.assessment_done, name="assessment_done"),
    path("a/<int:pk>/withdraw/", submission.assessment_withdraw, name="assessment_withdraw"),
    path("a/<int:pk>/print/", submission.assessment_print, name="assessment_print"),
    path("a/<int:pk>/extension/", submission.assessment_extension, name="assessment_extension"),
    path("a/<int:pk>/result/", results.assessment_result, name="assessment_result"),
    path("subjects/<int:pk>/assessments/", subject_tab.subject_assessments, name="subject_assessments"),
    # reviews (自评核验)
    path("reviews/", reviews.review_list, name="review_list"),
    path("reviews/filling/", reviews.filling_list, name="filling_list"),
    path("reviews/<int:pk>/", reviews.review_detail, name="review_detail"),
    path("reviews/<int:pk>/open/", reviews.review_open, name="review_open"),
    path("reviews/<int:pk>/i/<str:code>/", review_items.review_judge, name="review_judge"),
    path("reviews/<int:pk>/look/", review_items.review_look, name="review_look"),
    path("reviews/<int:pk>/agree/", review_items.review_agree, name="review_agree"),
    path("reviews/<int:pk>/return/", review_moves.review_return, name="review_return"),
    path("reviews/<int:pk>/verify/", review_moves.review_verify, name="review_verify"),
    path("reviews/<int:pk>/recall/", review_moves.review_recall, name="review_recall"),
    path("reviews/<int:pk>/send-back/", review_moves.review_send_back, name="review_send_back"),
    path("reviews/<int:pk>/confirm/", review_moves.review_confirm, name="review_confirm"),
    path("reviews/<int:pk>/archive/", review_moves.review_archive, name="review_archive"),
    # standards (评价标准)
    path("standards/", indicator_sets.standard_list, name="standard_list"),
    path("standards/upload/", indicator_sets.standard_upload, name="standard_upload"),
    path("standards/<int:pk>/", indicator_sets.standard_detail, name="standard_detail"),
    path("standards/<int:pk>/workbook/", indicator_sets.standard_workbook, name="standard_workbook"),
    path("standards/<int:pk>/publish/", indicator_sets.standard_publish, name="standard_publish"),
    path("standards/<int:pk>/discard/", indicator_sets.standard_discard, name="standard_discard"),
]
