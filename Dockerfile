FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

RUN python -m venv /opt/dyncontent
COPY requirements.lock ./
RUN /opt/dyncontent/bin/pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY rules ./rules
COPY renderers ./renderers
COPY dyncontent ./dyncontent
RUN /opt/dyncontent/bin/pip install --no-index --no-deps --no-build-isolation .


FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home --home-dir /data dyncontent
COPY --from=build /opt/dyncontent /opt/dyncontent

ENV PATH=/opt/dyncontent/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DYNCONTENT_HOST=0.0.0.0 \
    DYNCONTENT_PORT=8000 \
    DYNCONTENT_DATA_DIR=/data

USER dyncontent
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]

CMD ["dyncontent", "serve"]
