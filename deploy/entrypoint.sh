#!/bin/sh
# One word per role of the image: web | worker | beat | setup | manage …
set -eu
cd "$(dirname "$0")/.."

role="${1:-web}"
[ "$#" -gt 0 ] && shift

case "$role" in
web)
    exec python -m gunicorn -c deploy/gunicorn.conf.py zaozhuang_portal.wsgi
    ;;
worker)
    exec python -m celery -A zaozhuang_portal worker --loglevel INFO --concurrency "${WORKER_PROCESSES:-2}"
    ;;
beat)
    exec python -m celery -A zaozhuang_portal beat --loglevel INFO \
        --schedule "${BEAT_SCHEDULE:-/tmp/celerybeat-schedule}" --pidfile ""
    ;;
setup)
    # Once per start of the whole; safe to repeat.
    python manage.py migrate --noinput
    python manage.py setup
    exec python deploy/self_signed.py
    ;;
manage)
    exec python manage.py "$@"
    ;;
*)
    echo "用法：entrypoint.sh web | worker | beat | setup | manage 命令 ……" >&2
    exit 2
    ;;
esac
