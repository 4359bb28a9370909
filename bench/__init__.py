"""The speed goals, measured as ratios inside one run (docs/speed.md). `make bench`, or `python -m bench --help`."""
