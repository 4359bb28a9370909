#!/usr/bin/env python3
"""The one door: `python3 manage.py demo`, `python3 manage.py test`, and every other command (design §9)."""

import os
import sys


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if os.environ.get("PORTAL_NO_BOOTSTRAP") != "1":
        import bootstrap

        bootstrap.enter(command)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaozhuang_portal.settings")
    if command == "test":
        from tests.run import main as run_tests

        sys.exit(run_tests(sys.argv[2:]))
    if command == "demo":
        # Read by settings before Django starts: demo data and plain HTTP are allowed only under this flag.
        os.environ["PORTAL_DEMO"] = "1"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
