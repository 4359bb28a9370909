"""YAML (and JSON) read so that a number is exactly what was written.

Only null, true/false, decimal integers and decimal fractions are recognized; everything else is text: no octal,
no sexagesimal, no dates, no yes/no. Fractions become Decimal from their literal text, never through a float.
A key written twice is an error instead of a silent last-one-wins.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import yaml

from evaluation.rules.numbers import NUMBER_TEXT, read_number
from evaluation.rules.problems import Problem

MAX_BYTES = 2 * 1024 * 1024
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")


class YamlError(Exception):
    """The text is no readable YAML; `problem` says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ExactLoader(yaml.SafeLoader):
    """SafeLoader with its own, smaller set of plain-scalar types."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_number(self, node: yaml.ScalarNode) -> int | Decimal:
        text = str(node.value)
        number = read_number(text, text_allowed=True)
        if number is None:
            raise yaml.constructor.ConstructorError(None, None, f"数字过长：{text[:24]}", node.start_mark)
        return int(text) if INTEGER.fullmatch(text) else number

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                if key_node.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"键“{key_node.value}”重复", key_node.start_mark
                    )
                seen.add(key_node.value)
        return super().construct_mapping(node, deep)


_NUMBER = "tag:zaozhuang,2023:number"
ExactLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)
ExactLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
ExactLoader.add_implicit_resolver(_NUMBER, re.compile(rf"(?:{NUMBER_TEXT.pattern})\Z"), list("-+.0123456789"))
ExactLoader.add_constructor(_NUMBER, ExactLoader.construct_number)
ExactLoader.add_constructor("tag:yaml.org,2002:int", ExactLoader.construct_number)
ExactLoader.add_constructor("tag:yaml.org,2002:float", ExactLoader.construct_number)


def read_yaml(source: bytes | str) -> Any:
    """The value written in `source` (UTF-8, at most 2 MB, a byte-order mark is fine). Raises YamlError."""
    if len(source) > MAX_BYTES:
        raise YamlError(
            Problem("FILE_TOO_LARGE", "", "文件超过 2 MB，不是一份评价标准或作答文件。请检查所选文件。")
        )
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"文件不是 UTF-8 编码（第 {error.start + 1} 个字节无法识别）。请用编辑器“另存为 UTF-8”后重试。"
            raise YamlError(Problem("ENCODING", "", message)) from error
    try:
        loader = ExactLoader(source)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列：" if mark else ""
        message = (
            f"{where}YAML 格式有误（{error.problem or error.context}）。请检查该处的缩进、冒号、引号和括号。"
        )
        raise YamlError(Problem("YAML", f"line {mark.line + 1}" if mark else "", message)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = "文件含有不能识别的字符或嵌套过深。请确认这是文本格式的 YAML 文件。"
        raise YamlError(Problem("YAML", "", message)) from error
