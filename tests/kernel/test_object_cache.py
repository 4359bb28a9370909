"""The cache of code tables gives back the object itself, until its time is up."""

from __future__ import annotations

import time

from zaozhuang_portal.kernel.object_cache import ObjectCache


def test_the_object_itself_comes_back_and_all_instances_share_it() -> None:
    table = {1: "滕州市"}
    ObjectCache("test-one", {}).set("table", table)
    assert ObjectCache("test-one", {}).get("table") is table
    assert ObjectCache("test-two", {}).get("table", "none") == "none"


def test_it_lasts_as_long_as_it_was_given() -> None:
    cache = ObjectCache("test-time", {"TIMEOUT": 0.05})
    cache.set("short", 1)
    cache.set("long", 2, 60)
    cache.set("forever", 3, None)
    time.sleep(0.1)
    assert [cache.get(key) for key in ("short", "long", "forever")] == [None, 2, 3]
    assert cache.delete("long") is True
    assert cache.delete("long") is False
    cache.clear()
    assert cache.get("forever") is None
