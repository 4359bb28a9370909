"""What reporting gives to the floors below it: attachment rights, job kinds, navigation, checks."""

from __future__ import annotations


def register() -> None:
    """Called once by AppConfig.ready()."""
