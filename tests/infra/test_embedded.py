"""Worker and beat as threads of one process; a second process on the same data is refused."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from zaozhuang_portal.celery import app
from zaozhuang_portal.runtime import embedded

done = threading.Event()
ran_in: list[str] = []


@app.task(name="tests.probe", ignore_result=True)
def probe(*, word: str) -> None:
    ran_in.append(f"{word} {threading.current_thread().name}")
    done.set()


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def worker(data_dir, transactional_db):
    started = embedded.start_if_needed()
    yield started
    embedded.stop()


def test_a_task_runs_beside_the_caller(worker):
    done.clear()
    probe.delay(word="列表")
    assert done.wait(10)
    assert ran_in[-1].startswith("列表 ")
    assert threading.current_thread().name not in ran_in[-1]


def test_starting_twice_gives_the_same_worker(worker):
    assert embedded.start_if_needed() is worker
    assert worker.alive


def test_a_second_process_is_refused(worker, data_dir):
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        embedded.EmbeddedWorker()
    with pytest.raises(ImproperlyConfigured, match=str(data_dir)):
        embedded.refuse_second_process()


def test_the_data_is_free_again_after_the_stop(data_dir, transactional_db):
    embedded.start_if_needed()
    embedded.stop()
    embedded.refuse_second_process()


def test_nothing_is_embedded_beside_redis(data_dir, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert embedded.start_if_needed() is None
    assert not (data_dir / "embedded.lock").exists()


def test_may_be_left_out(data_dir, settings):
    settings.EMBEDDED_WORKER = False
    assert embedded.start_if_needed() is None
