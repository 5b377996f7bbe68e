"""Addresses under /api/v1/ for those who manage a dataset."""

from django.urls import path

from segmentation.api import cases, imports, uploads

urlpatterns = [
    path("datasets/", cases.Datasets.as_view(), name="api-datasets"),
    path("datasets/<str:dataset>/cases/", cases.Cases.as_view(), name="api-cases"),
    path("datasets/<str:dataset>/uploads/", uploads.Uploads.as_view(), name="api-uploads"),
    path("datasets/<str:dataset>/imports/", imports.Imports.as_view(), name="api-imports"),
    path("datasets/<str:dataset>/imports/<str:job>/apply/", imports.ImportApply.as_view(), name="api-import-apply"),
    path("uploads/<str:upload>/", uploads.UploadView.as_view(), name="api-upload"),
    path("cases/<str:case>/", cases.CaseView.as_view(), name="api-case"),
    path("cases/<str:case>/quality/", cases.Quality.as_view(), name="api-case-quality"),
    path("cases/<str:case>/thumbnail/", cases.Thumbnail.as_view(), name="api-case-thumbnail"),
    path("cases/<str:case>/volumes/<str:sequence>/", cases.VolumeView.as_view(), name="api-volume"),
    path("segmentations/<str:segmentation>/mask/", cases.MaskView.as_view(), name="api-mask"),
    path(
        "segmentations/<str:segmentation>/masks/<str:sequence>/", cases.MaskView.as_view(), name="api-mask-of-sequence"
    ),
    path("jobs/<str:job>/", imports.JobView.as_view(), name="api-job"),
    path("jobs/<str:job>/cancel/", imports.JobCancel.as_view(), name="api-job-cancel"),
]
