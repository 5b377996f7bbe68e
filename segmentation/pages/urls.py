"""Addresses of the pages of datasets and cases, under /datasets/."""

from django.urls import path

from segmentation.pages import case, datasets, imports, jobs, people, quality

urlpatterns = [
    path("", datasets.index, name="datasets"),
    path("<str:code>/", datasets.dataset, name="dataset"),
    path("<str:code>/cases.csv", datasets.cases_csv, name="dataset-cases-csv"),
    path("<str:code>/templates/<str:name>.csv", datasets.template_csv, name="dataset-template-csv"),
    path("<str:code>/import/", imports.begin, name="dataset-import"),
    path("<str:code>/imports/<str:job>/", imports.one, name="import"),
    path("<str:code>/imports/<str:job>/apply/", imports.apply, name="import-apply"),
    path("<str:code>/imports/<str:job>/again/", imports.again, name="import-again"),
    path("<str:code>/imports/<str:job>/discard/", imports.discard, name="import-discard"),
    path("<str:code>/batches/<str:batch>/discard/", imports.discard_batch, name="batch-discard"),
    path("<str:code>/cases/<str:case>/", case.one, name="case"),
    path("<str:code>/cases/<str:case>/quality/", quality.decide, name="case-quality"),
    path("<str:code>/quality/", quality.screen, name="dataset-quality"),
    path("<str:code>/people/", people.members, name="dataset-people"),
    path("<str:code>/sources/", people.sources, name="dataset-sources"),
    path("<str:code>/sources/<str:source>/", people.source, name="dataset-source"),
    path("<str:code>/jobs/", jobs.listed, name="dataset-jobs"),
    path("<str:code>/measure/", jobs.measure, name="dataset-measure"),
    path("<str:code>/jobs/<str:job>/cancel/", jobs.cancel, name="dataset-job-cancel"),
    path("<str:code>/jobs/<str:job>/retry/", jobs.retry, name="dataset-job-retry"),
]
