"""What evaluation gives to the floors below it: attachment rights, job kinds, navigation."""

from __future__ import annotations


def register() -> None:
    """Called once by AppConfig.ready()."""
