"""The organization tree as shipped: divisions.csv (NBS codes of 2023-06-30) and who manages what (zone_custody.csv)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass

# The codes of enums.Level, OrganizationKind, MemberUnitKind and SeatState; a test holds them together.
# level column of divisions.csv -> (level, kind). 山亭经济开发区 is a statistical unit, kept as a park.
_LEVELS = {
    "province": ("PROVINCE", "PROVINCE"),
    "city": ("CITY", "CITY"),
    "county": ("DISTRICT", "COUNTY_LEVEL"),
    "functional_zone": ("DISTRICT", "FUNCTIONAL_ZONE"),
    "street": ("TOWNSHIP", "STREET"),
    "town": ("TOWNSHIP", "TOWN"),
    "township_like": ("PARK", "PARK"),
}
_SHORT_NAMES = {"3704GX": "枣庄高新区"}
_DEPTH = {"PROVINCE": 0, "CITY": 1, "DISTRICT": 2, "TOWNSHIP": 3, "PARK": 3}


@dataclass(frozen=True)
class OrganizationRow:
    code: str
    name: str
    short_name: str
    level: str
    kind: str
    parent_code: str
    legal_parent_code: str
    path: str
    sort_order: int

    @property
    def carries_quota(self) -> bool:
        """Districts and 高新区 carry the yearly minimums of the notice (三（一）); the flag stays editable."""
        return self.level == "DISTRICT"


def read_tree(divisions: Iterable[str], custody: Iterable[str]) -> list[OrganizationRow]:
    """The rows, parents first, in the official order (the order of the codes, 高新区 after the six).

    A township in custody hangs below the zone that manages it and keeps its district by law as legal parent.
    Raises ValueError for an unknown level or a parent that is not in the file.
    """
    managed_by = {
        row["township_code"]: (row["zone_code"], row["statutory_parent"]) for row in csv.DictReader(custody)
    }
    lines = list(csv.DictReader(divisions))
    levels = {line["code"]: _LEVELS[line["level"]] for line in lines if line["level"] in _LEVELS}
    parents = {line["code"]: managed_by.get(line["code"], (line["parent_code"], ""))[0] for line in lines}
    rows = []
    for position, line in enumerate(lines):
        code = line["code"]
        if code not in levels:
            raise ValueError(f"divisions.csv: unknown level {line['level']!r} of {code}")
        level, kind = levels[code]
        rows.append(
            OrganizationRow(
                code=code,
                name=line["name"],
                short_name=_SHORT_NAMES.get(code, ""),
                level=level,
                kind=kind,
                parent_code=parents[code],
                legal_parent_code=managed_by.get(code, ("", ""))[1],
                path=_path(code, parents),
                sort_order=position,
            )
        )
    return sorted(rows, key=lambda row: (_DEPTH[row.level], row.sort_order))


def _path(code: str, parents: dict[str, str]) -> str:
    codes = []
    while code:
        codes.append(code)
        if code not in parents:
            raise ValueError(f"divisions.csv: {code} is named as a parent but not listed")
        code = parents[code]
    return "/" + "".join(f"{part}/" for part in reversed(codes))


@dataclass(frozen=True)
class UnitRow:
    name: str
    kind: str


@dataclass(frozen=True)
class SeatRow:
    kind: str
    state: str
    unit_name: str


@dataclass(frozen=True)
class BodyRow:
    """`established` False: listed so that the gap has a name; its district says when it was set up."""

    name: str
    units: tuple[UnitRow, ...]
    seats: tuple[SeatRow, ...]
    established: bool = True


# The notice names the four provincial bodies by these names.
_PROVINCE_UNITS = {
    "HRSS": "人力资源和社会保障厅",
    "TRADE_UNION_FEDERATION": "总工会",
    "ENTERPRISE_CONFEDERATION": "企业联合会（企业家协会）",
    "FEDERATION_OF_INDUSTRY_AND_COMMERCE": "工商业联合会",
}
_UNIT_NAMES = {
    "HRSS": "人力资源和社会保障局",
    "TRADE_UNION_FEDERATION": "总工会",
    "ENTERPRISE_CONFEDERATION": "企业联合会（企业家协会）",
    "FEDERATION_OF_INDUSTRY_AND_COMMERCE": "工商业联合会",
}
# 高新区 has two departments (notice, distribution list): they hold the four seats; which holds which is our
# assumption and can be edited on the screen.
_ZONE_UNITS = (
    UnitRow("社会事务综合服务中心", "HRSS"),
    UnitRow("党群工作部", "TRADE_UNION_FEDERATION"),
)
_ZONE_SEATS = (
    SeatRow("HRSS", "FILLED", "社会事务综合服务中心"),
    SeatRow("TRADE_UNION_FEDERATION", "FILLED", "党群工作部"),
    SeatRow("ENTERPRISE_CONFEDERATION", "REPRESENTED", "社会事务综合服务中心"),
    SeatRow("FEDERATION_OF_INDUSTRY_AND_COMMERCE", "REPRESENTED", "党群工作部"),
)


def default_body(row: OrganizationRow) -> BodyRow:
    """The tripartite body an organization starts with (notice 三（二）2: four levels).

    Province, city and district have four seats (notice, addressees). A township's or park's body begins as not
    established and without seats: which it has, its district says.
    """
    if row.level in {"TOWNSHIP", "PARK"}:
        return BodyRow(place_body_name(row.name), (), (), established=False)
    if row.kind == "FUNCTIONAL_ZONE":
        place = row.short_name or row.name
        return BodyRow(
            f"{place}协调劳动关系三方机构",
            tuple(UnitRow(place + unit.name, unit.kind) for unit in _ZONE_UNITS),
            tuple(SeatRow(seat.kind, seat.state, place + seat.unit_name) for seat in _ZONE_SEATS),
        )
    names = _PROVINCE_UNITS if row.level == "PROVINCE" else _UNIT_NAMES
    body = "协调劳动关系三方机构" if row.level == "DISTRICT" else "协调劳动关系三方委员会"
    return BodyRow(
        row.name + body,
        tuple(UnitRow(row.name + name, kind) for kind, name in names.items()),
        tuple(SeatRow(kind, "FILLED", row.name + name) for kind, name in names.items()),
    )


def place_body_name(place: str) -> str:
    """The name of a township's or park's body."""
    return f"{place}协调劳动关系三方机构"
