"""Dangerous goods by UN number: class, what an officer on the spot must keep away from, ADR tunnel code."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from hazmat.columns import Floats, Ints, Mask

_PACKING_GROUPS = ("III", "II", "I")  # the mildest first
_TANK_CODE = {
    "1.1": "B", "1.2": "B", "1.3": "C", "1.4": "E", "1.5": "B", "1.6": "C", "2.1": "B/D", "2.2": "C/E",
    "2.3": "C/D", "3": "D/E", "4.1": "E", "5.2": "D", "6.2": "E", "7": "E", "8": "E", "9": "E",
}  # fmt: skip
_BY_GROUP = {
    "4.2": {"I": "B/E", "II": "D/E", "III": "E"},
    "4.3": {"I": "B/E", "II": "D/E", "III": "E"},
    "5.1": {"I": "B/E", "II": "E", "III": "E"},
    "6.1": {"I": "C/D", "II": "D/E", "III": "E"},
}
FREE_RANK = 9  # tunnel code "-": may pass everywhere
_RANK = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 4, "-": FREE_RANK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One UN number. None: not known.

    ``packing_group`` may name several ("II/III"). ``isolation_m`` in all directions around a large spill,
    ``downwind_m`` and, for goods toxic by inhalation, ``protect_day_km`` and ``protect_night_km`` (low,
    moderate, high wind) downwind of it, ``fire_isolation_m`` around a burning tank (Emergency Response
    Guidebook). ``tunnel_code``: ADR chapter 3.2 table A column 15. ``acutely_toxic`` 剧毒化学品;
    ``specially_controlled`` 特别管控危险化学品.
    """

    un_no: str
    name_zh: str
    name_en: str
    hazard_class: str
    packing_group: str
    subsidiary: tuple[str, ...]
    erg_guide: str
    tunnel_code: str
    acutely_toxic: bool
    specially_controlled: bool
    density_t_m3: float | None
    isolation_m: float | None
    downwind_m: float | None
    fire_isolation_m: float | None
    protect_day_km: tuple[float, float, float] | None
    protect_night_km: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class GoodsTable:
    """All known goods; ``index`` finds the row of a UN number as ``un_key`` writes it. Columns by row."""

    goods: tuple[Goods, ...]
    index: dict[str, int]
    tunnel_rank: Ints
    density_t_m3: Floats
    acutely_toxic: Mask
    specially_controlled: Mask

    def row(self, un_no: str) -> int:
        """Row of a UN number, -1 if it is not known."""
        return self.index.get(un_key(un_no), -1)


def un_key(un_no: str) -> str:
    """A UN number as the table has it: ``un 1203``, ``1203`` and ``UN1203`` are one."""
    return "UN" + un_no.strip().upper().removeprefix("UN").strip().zfill(4)


def un_number(un_no: str) -> int:
    """The four digits of a UN number, -1 if it is none."""
    digits = un_key(un_no).removeprefix("UN")
    return int(digits) if digits.isdecimal() and len(digits) == 4 else -1


def find_goods(un_no: str) -> Goods | None:
    """The goods of a UN number, None if it is not known."""
    table = goods_table()
    row = table.row(un_no)
    return None if row < 0 else table.goods[row]


def tunnel_code(hazard_class: str, packing_group: str = "", subsidiary: tuple[str, ...] = ()) -> str:
    """ADR tunnel restriction code of goods in tanks, as table A has it for most goods of this kind.

    Of several packing groups the mildest counts, of an unknown one III: in doubt for the driver. A few
    numbers differ; those say so in the table.
    """
    named = packing_group.split("/")
    group = next((each for each in _PACKING_GROUPS if each in named), "III")
    if hazard_class == "2.3" and "2.1" in subsidiary:
        return "B/D"
    if hazard_class == "3" and group == "I" and {"6.1", "8"} & set(subsidiary):
        return "C/E"
    if hazard_class == "8" and group == "I" and "6.1" in subsidiary:
        return "C/D"
    if hazard_class == "8" and "3" in subsidiary:
        return "D/E"
    by_group = _BY_GROUP.get(hazard_class)
    return by_group[group] if by_group else _TANK_CODE[hazard_class]


def tunnel_rank(code: str) -> int:
    """Rank of a tunnel's category (A to E) or of the tank's letter of a tunnel code (B/D: B).

    A tunnel bars goods in tanks where the goods' rank is not above the tunnel's (ADR 1.9.5.2, 8.6.4).
    """
    return _RANK[code[:1]]


@cache
def goods_table() -> GoodsTable:
    """The table of the package's data files; read once."""
    guides = {row["guide"]: row for row in _rows("erg_guides.csv")}
    spills = {row["un_no"]: row for row in _rows("toxic_by_inhalation.csv")}
    goods = tuple(
        _goods(row, guides.get(row["erg_guide"].rstrip("P"), {}), spills.get(row["un_no"], {}))
        for row in _rows("goods.csv")
    )
    return GoodsTable(
        goods=goods,
        index={each.un_no: row for row, each in enumerate(goods)},
        tunnel_rank=np.array([tunnel_rank(each.tunnel_code) for each in goods], np.int64),
        density_t_m3=np.array([each.density_t_m3 or np.nan for each in goods], float),
        acutely_toxic=np.array([each.acutely_toxic for each in goods], bool),
        specially_controlled=np.array([each.specially_controlled for each in goods], bool),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("hazmat") / "data" / name).read_text("utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


def _goods(row: dict[str, str], guide: dict[str, str], spill: dict[str, str]) -> Goods:
    subsidiary = tuple(filter(None, row["subsidiary"].split("+")))
    derived = tunnel_code(row["hazard_class"], row["packing_group"], subsidiary)
    return Goods(
        un_no=row["un_no"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        hazard_class=row["hazard_class"],
        packing_group=row["packing_group"],
        subsidiary=subsidiary,
        erg_guide=row["erg_guide"],
        tunnel_code=row["tunnel_code"] or derived,
        acutely_toxic=row["acutely_toxic"] == "1",
        specially_controlled=row["specially_controlled"] == "1",
        density_t_m3=_number(row["density_t_m3"]),
        isolation_m=_number(spill.get("isolation_m") or guide.get("isolation_m")),
        downwind_m=_number(guide.get("downwind_m")),
        fire_isolation_m=_number(guide.get("fire_isolation_m")),
        protect_day_km=_protect(spill, "day"),
        protect_night_km=_protect(spill, "night"),
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _protect(spill: dict[str, str], time_of_day: str) -> tuple[float, float, float] | None:
    if not spill:
        return None
    low, moderate, high = (float(spill[f"{time_of_day}_{wind}_km"]) for wind in ("low", "moderate", "high"))
    return low, moderate, high
