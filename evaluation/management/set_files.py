"""Reading the files a person names on the command line; what cannot be read is refused in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.problems import IndicatorSetError, Problem, ProblemsError
from evaluation.rules.yaml_text import MAX_BYTES
from evaluation.services.indicator_set_files import read_indicator_set_file

CAUSES: dict[type[OSError], str] = {
    FileNotFoundError: "文件不存在",
    IsADirectoryError: "这是文件夹",
    PermissionError: "没有读取权限",
}
Refusal = Callable[[tuple[Problem, ...]], ProblemsError]


def read_file(path: Path, refusal: Refusal, *, at_most: int = MAX_BYTES) -> bytes:
    """The bytes of `path`. Raises `refusal` when it is missing, unreadable or over `at_most` bytes."""
    try:
        size, source = path.stat().st_size, b""
        if size <= at_most:
            source = path.read_bytes()
    except OSError as error:
        cause = CAUSES.get(type(error), "读取出错")
        words = f"无法读取文件 {path}：{cause}。请检查路径和权限。"
        raise refusal((Problem("FILE", "", words),)) from error
    if size > at_most:
        words = f"文件 {path} 超过 {at_most // 2**20} MB。请检查所选文件。"
        raise refusal((Problem("FILE_TOO_LARGE", "", words),))
    return source


def read_set_file(path: Path) -> IndicatorSetDefinition:
    """The indicator set in a YAML file or workbook. Raises IndicatorSetError with every problem."""
    return read_indicator_set_file(read_file(path, IndicatorSetError))
