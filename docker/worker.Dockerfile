# The GPU worker: it imports ml and platform/worker, and has neither Django nor a way to the database. Its packages and
# its command come with the models; this first file fixes its frame: no root, nothing of the site inside.
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN useradd --system --uid 10002 --create-home worker
COPY requirements.lock ./
RUN pip install -c requirements.lock celery httpx numpy nibabel SimpleITK redis
COPY platform/worker ./worker
COPY ml ./ml
USER worker
CMD ["python", "-c", "import ml, worker; print('The GPU worker comes with the models.')"]
