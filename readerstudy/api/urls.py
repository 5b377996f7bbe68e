"""Addresses of the reader studies' API, under /api/v1/."""

from django.urls import path

from readerstudy.api import preview, reading

# A preview speaks the reader's contract at the reader's addresses, so that it is the same screen: a token that begins
# with "preview-" never is a reader's, whose tokens are hexadecimal.
SHOWN = "presentations/preview-<str:code>-<int:number>/"

urlpatterns = [
    path("reading/preview-<str:code>/", preview.PreviewSessionView.as_view(), name="preview"),
    path(SHOWN, preview.PreviewPresentationView.as_view(), name="preview-presentation"),
    path(f"{SHOWN}volumes/<int:index>/", preview.PreviewVolumeView.as_view(), name="preview-volume"),
    path(f"{SHOWN}candidates/", preview.PreviewCandidatesView.as_view(), name="preview-candidates"),
    path(f"{SHOWN}opened/", preview.PreviewOpenedView.as_view(), name="preview-opened"),
    path(f"{SHOWN}draft/", preview.PreviewDraftView.as_view(), name="preview-draft"),
    path(f"{SHOWN}read/", preview.PreviewReadView.as_view(), name="preview-read"),
    path(f"{SHOWN}report/", preview.PreviewReportView.as_view(), name="preview-report"),
    path("reading/<str:member>/", reading.ReadingView.as_view(), name="reading"),
    path("presentations/<str:token>/", reading.PresentationView.as_view(), name="presentation"),
    path("presentations/<str:token>/volumes/<int:index>/", reading.VolumeView.as_view(), name="presentation-volume"),
    path("presentations/<str:token>/candidates/", reading.CandidatesView.as_view(), name="presentation-candidates"),
    path("presentations/<str:token>/opened/", reading.OpenedView.as_view(), name="presentation-opened"),
    path("presentations/<str:token>/draft/", reading.DraftView.as_view(), name="presentation-draft"),
    path("presentations/<str:token>/read/", reading.ReadView.as_view(), name="presentation-read"),
    path("presentations/<str:token>/report/", reading.ReportView.as_view(), name="presentation-report"),
]
