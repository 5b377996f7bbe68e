# The web server and the light worker (one image, two commands): no torch, no compiler, no root.
FROM node:24-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN useradd --system --uid 10001 --create-home blindread \
    && install -d -o blindread -g blindread /data /static
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY platform ./platform
COPY segmentation ./segmentation
COPY readerstudy ./readerstudy
COPY ml ./ml
COPY manage.py ./
RUN pip install -c requirements.lock -e .
COPY --from=frontend /build/frontend/dist ./frontend/dist
ENV BLINDREAD_PROFILE=production BLINDREAD_DATA=/data BLINDREAD_STATIC_ROOT=/static
USER blindread
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8000), 3).close()"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", \
     "--timeout", "120", "--graceful-timeout", "20", "--no-control-socket", "hub.wsgi:application"]
