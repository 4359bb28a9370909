"""What a stranger's file costs is paid in a process of its own, under limits of memory and time.

`open_limited` runs one of the named functions of `limited_child` on the bytes of a file. A crash, a bomb or an endless
loop ends that process; the web worker hears of it as a `Limited` outcome.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("limited_child.py")
# Address space, of which the interpreter and the libraries take some 300 MB, and seconds of processor time.
MEMORY = 1536 * 1024 * 1024
SECONDS = 20
_KILLED_FOR_TIME = frozenset({-9, -24})


class OverLimit(Exception):
    """The file took more time (`too_slow`) or memory than one file may, or crashed its reader."""

    def __init__(self, *, too_slow: bool) -> None:
        super().__init__()
        self.too_slow = too_slow


class Refused(Exception):
    """The function refused the file: `code` for programs, `message` in Chinese for the person (may be empty)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Answer:
    """`facts` a JSON object, `content` bytes: whatever the function returned of each."""

    facts: Mapping[str, Any]
    content: bytes


def open_limited(
    function: str,
    data: bytes,
    arguments: Mapping[str, Any],
    *,
    memory: int = MEMORY,
    seconds: int = SECONDS,
) -> Answer:
    """Run `function` (a name of limited_child.FUNCTIONS) on the file. Raises Refused, OverLimit.

    The answer comes back as JSON and bytes, never pickled: what a file can take over there stays there.
    """
    order = {"function": function, "arguments": dict(arguments), "memory": memory, "seconds": seconds}
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and script, the data goes to its standard input
            [sys.executable, "-I", str(_SCRIPT)],
            input=json.dumps(order).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds * 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OverLimit(too_slow=True) from None
    if done.returncode != 0:
        raise OverLimit(too_slow=done.returncode in _KILLED_FOR_TIME)
    head, _, content = done.stdout.partition(b"\n")
    answer = json.loads(head)
    if "refused" in answer:
        raise Refused(*answer["refused"])
    return Answer(answer["facts"], content)
