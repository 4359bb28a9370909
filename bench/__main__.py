"""`python -m bench [names…] [--quick | --smoke]`: run the measurements, print one table. A report: a miss exits 0."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import signal
import sys
import time

from bench.measure import Result, table
from bench.world import KEPT, World, load, postgres, private_folder

# name → (module, databases it needs)
MEASUREMENTS = {
    "lists": ("bench.lists", ["small"]),
    "growth": ("bench.growth", ["small", "large"]),
    "ledgers": ("bench.ledgers", ["small", "large"]),
    "saving": ("bench.saving", ["small"]),
    "imports": ("bench.imports", ["small"]),
    "exports": ("bench.exports", ["small"]),
    "documents": ("bench.documents", ["small"]),
    "draws": ("bench.draws", ["small"]),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help=f"{', '.join(MEASUREMENTS)}, or serve to keep a loaded server open"
    )
    parser.add_argument(
        "--quick", action="store_true", help="50,000 rows in place of a million: a try-out, not a result"
    )
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="200 firms, one round: whether every measurement still runs; ends with 1 if not",
    )
    options = parser.parse_args()
    serve = options.names == ["serve"]
    if unknown := [name for name in options.names if name not in MEASUREMENTS and not serve]:
        parser.error(f"unknown: {', '.join(unknown)}")
    chosen = list(MEASUREMENTS) if serve or not options.names else options.names
    needed = [size for size in ("small", "large") if any(size in MEASUREMENTS[name][1] for name in chosen)]
    with private_folder() as folder, postgres() as socket:
        large = 400 if options.smoke else 50_000 if options.quick else 1_000_000
        small, rounds = (200, 1) if options.smoke else (20_000, 5)
        world = World(folder, rounds, small, large, socket=socket, smoke=options.smoke)
        load(world, needed)
        if serve:
            print(f"{KEPT}={socket}   (Ctrl-C ends it)", flush=True)
            keep_open()
            return
        report(run(world, chosen), note=" --smoke" if options.smoke else " --quick" if options.quick else "")


def run(world: World, chosen: list[str]) -> list[Result]:
    """Django is set up once, on the small database; the web processes have their own."""
    os.environ |= world.environment("small")
    if "large" in world.urls:
        os.environ["BENCH_LARGE_URL"] = world.urls["large"]
    import django

    django.setup()
    results: list[Result] = []
    for name in chosen:
        begun = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        found = importlib.import_module(MEASUREMENTS[name][0]).measure(world)
        print(table(found), file=sys.stderr, flush=True)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        results += found
    return results


def report(results: list[Result], *, note: str) -> None:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    print(f"\n{time.strftime('%Y-%m-%d')}, {machine}, load {os.getloadavg()[0]:.1f}{note}\n")
    print(table(results))
    missed = [item.name for item in results if not item.reached]
    print(f"\n{len(results) - len(missed)} of {len(results)} goals reached.")


def keep_open() -> None:
    """Until Ctrl-C or a plain kill; either way the server goes and its folder with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
