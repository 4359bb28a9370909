"""Health of one container: `python deploy/healthcheck.py web | worker | beat`. Exit status 0 when well."""

import glob
import os
import subprocess
import sys
import time
import urllib.request

# Beat writes its schedule every three minutes; three missed writes mean that it stands still.
BEAT_SECONDS = 600
BEAT_SCHEDULE = os.environ.get("BEAT_SCHEDULE", "/tmp/celerybeat-schedule")  # noqa: S108 - private to the container


def web():
    """The process answers. A stopped database must not restart it, so /readyz is not asked here."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    port = os.environ.get("BIND", "0.0.0.0:8000").rsplit(":", 1)[1]
    request = urllib.request.Request("http://127.0.0.1:" + port + "/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as response:  # noqa: S310 - loopback only
        return response.status == 200


def worker():
    """This worker answers a ping through the broker: it finds a deaf one that a process list would not."""
    command = [sys.executable, "-m", "celery", "-A", "zaozhuang_portal", "inspect", "ping", "--timeout", "5"]
    return subprocess.run([*command, "-d", "celery@" + os.uname().nodename], check=False).returncode == 0  # noqa: S603


def beat():
    # How the files end depends on the dbm library of the Python in use.
    written = [os.path.getmtime(name) for name in glob.glob(BEAT_SCHEDULE + "*")]
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


if __name__ == "__main__":
    try:
        well = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        well = False
    sys.exit(0 if well else 1)
