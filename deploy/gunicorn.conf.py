"""gunicorn in production: several gthread workers behind the proxy. Values by environment."""

import multiprocessing
import os

bind = os.environ.get("BIND", "0.0.0.0:8000")
# Without Redis one process carries the worker threads; a second one would refuse to start.
workers = (
    int(os.environ.get("WEB_WORKERS", min(multiprocessing.cpu_count() * 2 + 1, 9)))
    if os.environ.get("REDIS_URL")
    else 1
)
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = int(os.environ.get("WEB_TIMEOUT", "60"))
graceful_timeout = 30
keepalive = 5
# A worker's memory is given back now and then; jitter keeps them from restarting together.
max_requests = 5000
max_requests_jitter = 500
# The heartbeat file on a memory file system: a slow disk must not look like a hanging worker.
shared_memory = "/dev/shm"  # noqa: S108 - gunicorn makes unlinked files of its own there
worker_tmp_dir = shared_memory if os.path.isdir(shared_memory) else None
limit_request_line = 8190
limit_request_fields = 100
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
accesslog = "-" if os.environ.get("ACCESS_LOG") == "1" else None
errorlog = "-"
loglevel = "info"
control_socket_disable = True


def worker_exit(server, worker):
    from zaozhuang_portal.runtime import embedded

    embedded.stop()
