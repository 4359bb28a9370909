# One image for web, worker, beat and the one-shot setup. Fonts and scripts come from the repository.
FROM python:3.11-slim-bookworm AS base

# Pango draws the PDF (WeasyPrint); nothing else of the system is needed.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_NO_BOOTSTRAP=1 \
    PORTAL_DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    XDG_CACHE_HOME=/tmp/cache \
    DJANGO_SETTINGS_MODULE=zaozhuang_portal.settings

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/run.txt

COPY . .
# Hashed file names for the browser cache; the values here are thrown away with the layer's environment.
RUN SECRET_KEY=build-only-not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz \
    REDIS_URL=redis://build ALLOWED_HOSTS=build PORTAL_DATA_DIR=/tmp/build REQUIRE_PDF=0 \
    python manage.py collectstatic --noinput -v 0 \
    && python -m compileall -q zaozhuang_portal cultivation evaluation reporting \
    && install -d -o portal -g portal -m 700 /data \
    && install -d -o portal -g portal -m 755 /tls

USER portal
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["web"]
