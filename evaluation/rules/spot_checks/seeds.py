"""种子: the digits the four seats read out, joined in one order; what a seat committed to before (design §4a)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evaluation.rules.problems import Problem, Problems, ProblemsError
from evaluation.rules.spot_checks.draw import MIN_SEED_DIGITS
from zaozhuang_portal.kernel.parsing import quote

# The order in which digits are joined: code of the seat (MemberUnitKind) → name.
SEATS: dict[str, str] = {
    "HRSS": "人社局",
    "TRADE_UNION_FEDERATION": "总工会",
    "ENTERPRISE_CONFEDERATION": "企联（企业家协会）",
    "FEDERATION_OF_INDUSTRY_AND_COMMERCE": "工商联",
}
FILLED, REPRESENTED, NOT_ESTABLISHED = "FILLED", "REPRESENTED", "NOT_ESTABLISHED"
MAX_SEAT_DIGITS = 40
_NONCE = re.compile(r"[0-9a-f]{32}")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")


class SeedError(ProblemsError):
    """The digits make no seed; every problem is told. `path` of a problem is the seat's code, or "" for all."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="seed")


@dataclass(frozen=True)
class SeatDigits:
    """What one seat read out. `digits` as typed (digits and spaces); `unit_name` speaks for a REPRESENTED seat.

    `commitment` is what the seat committed to before, "" for none; then `nonce` is revealed with the digits.
    """

    seat: str
    state: str
    digits: str = ""
    speaker: str = ""
    unit_name: str = ""
    commitment: str = ""
    nonce: str = ""


def read_digits(text: str, *, seat: str = "") -> str:
    """The digits alone. Raises SeedError: nothing, other signs than digits and spaces, more than 40 digits."""
    who = f"{SEATS.get(seat, seat)}：" if seat else ""
    digits = text.replace(" ", "")
    if not digits:
        problem = Problem("NO_DIGITS", seat, f"{who}没有数字。请录入宣读的数字。")
    elif found := re.search(r"[^0-9]", digits):
        problem = Problem(
            "BAD_DIGITS", seat, f"{who}有不能用的字符{quote(found[0])}：只能是半角数字 0–9 和空格，请改正。"
        )
    elif len(digits) > MAX_SEAT_DIGITS:
        problem = Problem(
            "TOO_MANY_DIGITS",
            seat,
            f"{who}有 {len(digits)} 位数字，最多 {MAX_SEAT_DIGITS} 位。请核对后改正。",
        )
    else:
        return digits
    raise SeedError((problem,))


def commitment_of(digits: str, nonce: str, *, seat: str = "") -> str:
    """SHA-256 of `digits LF nonce` (no trailing LF), lower-case hex. Raises SeedError: digits, nonce not 32 hex signs."""
    alone = read_digits(digits, seat=seat)
    if not _NONCE.fullmatch(nonce):
        who = f"{SEATS.get(seat, seat)}：" if seat else ""
        raise SeedError(
            (
                Problem(
                    "BAD_NONCE",
                    seat,
                    f"{who}随机串应为 32 位十六进制字符（0–9、a–f）。请照页面生成的原样录入。",
                ),
            )
        )
    return hashlib.sha256(f"{alone}\n{nonce}".encode()).hexdigest()


def check_commitment(commitment: str, *, seat: str = "") -> None:
    """Raises SeedError unless it is 64 lower-case hex signs."""
    if not _COMMITMENT.fullmatch(commitment):
        who = f"{SEATS.get(seat, seat)}：" if seat else ""
        raise SeedError(
            (Problem("BAD_COMMITMENT", seat, f"{who}承诺值应为 64 位十六进制字符（0–9、a–f）。请原样录入。"),)
        )


def check_reveal(*, commitment: str, digits: str, nonce: str, seat: str = "") -> None:
    """Raises SeedError when digits and nonce are not what was committed to."""
    if commitment_of(digits, nonce, seat=seat) != commitment:
        who = SEATS.get(seat, seat) or "该席位"
        raise SeedError(
            (
                Problem(
                    "REVEAL_DIFFERS",
                    seat,
                    f"{who}：数字和随机串算不出先前的承诺值 {commitment[:8]}…。请核对是否录错；原数字不能更换。",
                ),
            )
        )


def join_seed(seats: Sequence[SeatDigits], *, used: Collection[str] = ()) -> str:
    """The seed: digits in the order of SEATS, whatever the order given. `used` are the seeds of all earlier rounds.

    Raises SeedError with every problem: a seat missing, twice or unknown; a seat that must speak without digits or
    speaker; a REPRESENTED one without its substitute; digits for a NOT_ESTABLISHED one; a commitment not met; fewer than
    20 digits together; a seed used before.
    """
    problems: list[Problem] = []
    given: dict[str, SeatDigits] = {}
    for one in seats:
        if one.seat not in SEATS or one.seat in given:
            problems.append(
                Problem("BAD_SEAT", one.seat, f"席位{quote(one.seat)}重复或不认识。四个席位各录一次。")
            )
        else:
            given[one.seat] = one
    joined = ""
    for seat, name in SEATS.items():
        if seat not in given:
            problems.append(
                Problem("SEAT_MISSING", seat, f"{name}：缺少该席位。未建立的席位请标明“未建立”。")
            )
            continue
        try:
            joined += _spoken(given[seat])
        except SeedError as error:
            problems += error.problems
    if not problems and len(joined) < MIN_SEED_DIGITS:
        words = f"各席位数字合计 {len(joined)} 位，至少 {MIN_SEED_DIGITS} 位。请由各方补读数字。"
        problems.append(Problem("SEED_TOO_SHORT", "", words))
    if not problems and joined in used:
        words = "这个种子以前的批次已用过。每个批次须用新的种子，请各方重新读数字。"
        problems.append(Problem("SEED_USED", "", words))
    if problems:
        raise SeedError(tuple(problems))
    return joined


def _spoken(one: SeatDigits) -> str:
    """The digits of one seat, "" for one that is not established."""
    name, problems = SEATS[one.seat], Problems()
    if one.state == NOT_ESTABLISHED:
        if one.digits.strip():
            problems.add(
                "SEAT_NOT_ESTABLISHED", one.seat, f"{name}：该席位未建立，不录数字。请清空或先更正席位状态。"
            )
            raise SeedError(problems.as_tuple())
        return ""
    if one.state not in {FILLED, REPRESENTED}:
        problems.add(
            "BAD_SEAT_STATE", one.seat, f"{name}：席位状态{quote(one.state)}不认识。请先更正席位状态。"
        )
    if one.state == REPRESENTED and not one.unit_name.strip():
        problems.add("SUBSTITUTE_MISSING", one.seat, f"{name}：由其他单位代行的席位，请写明代行单位。")
    if not one.speaker.strip():
        problems.add("SPEAKER_MISSING", one.seat, f"{name}：请填写宣读人姓名。")
    digits = ""
    try:
        digits = read_digits(one.digits, seat=one.seat)
        if one.commitment:
            check_reveal(commitment=one.commitment, digits=digits, nonce=one.nonce, seat=one.seat)
    except SeedError as error:
        raise SeedError((*problems.as_tuple(), *error.problems)) from error
    if problems:
        raise SeedError(problems.as_tuple())
    return digits
