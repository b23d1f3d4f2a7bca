"""What the facts under an alert are called where it is explained, and how their values are read."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.alerts.document_labels import DOCUMENT_LABELS, Pair, document_words, in_language
from hazmat.accounts import Language

LABELS: Mapping[str, Pair] = MappingProxyType(
    dict(DOCUMENT_LABELS)
    | {
        "rule_version": ("规则版本", "rule version"),
        "registry_version": ("基础数据版本", "registry version"),
        "hold_s": ("须持续（秒）", "must hold for (s)"),
        "hold_fixes": ("须命中定位数", "must hold for (fixes)"),
        "after_s": ("失联阈值（秒）", "silent for (s) before it counts"),
        "fix_time": ("定位时间", "time of the fix"),
        "received_at": ("接收时间", "received at"),
        "last_fix_time": ("最后定位时间", "last fix"),
        "last_received_at": ("最后接收时间", "last message"),
        "lon": ("经度", "longitude"),
        "lat": ("纬度", "latitude"),
        "speed_kmh": ("车速（km/h）", "speed (km/h)"),
        "heading_deg": ("航向（度）", "heading (deg)"),
        "accuracy_m": ("定位精度（米）", "accuracy (m)"),
        "stopped_s": ("已停（秒）", "standing for (s)"),
        "load": ("终端所报载重", "load as reported"),
        "loaded": ("判为载货", "counted as loaded"),
        "registered": ("已备案", "registered"),
        "plate": ("车牌", "plate"),
        "plate_colour": ("车牌颜色", "plate colour"),
        "carrier_id": ("企业编号", "carrier id"),
        "carrier": ("承运企业", "carrier"),
        "waybill_no": ("电子运单", "waybill"),
        "un_no": ("UN 编号", "UN number"),
        "goods": ("货物", "goods"),
        "hazard_class": ("危险类别", "hazard class"),
        "driver_id": ("驾驶员编号", "driver id"),
        "route_id": ("运单路线", "route"),
        "road_id": ("所在道路编号", "road id"),
        "road_name": ("所在道路", "road"),
        "road_valid_from": ("道路版本生效", "road version since"),
        "road_hours": ("道路时段", "hours of the road"),
        "fence_id": ("围栏编号", "fence id"),
        "fence_name": ("围栏", "fence"),
        "fence_valid_from": ("围栏版本生效", "fence version since"),
        "fence_hours": ("围栏时段", "hours of the fence"),
        "listed": ("列入黑名单原因", "reason on the blacklist"),
        "speed_limit_kmh": ("限速（km/h）", "speed limit (km/h)"),
        "over_pct": ("超速比例（%）", "over the limit (%)"),
        "expressway": ("高速公路", "expressway"),
        "points": ("记分", "penalty points"),
        "driven_h": ("连续驾驶（小时）", "driving without a rest (h)"),
        "night_driven_h": ("其中夜间（小时）", "of this at night (h)"),
        "day_driven_h": ("24 小时累计驾驶（小时）", "driving in 24 hours (h)"),
        "last_lon": ("最后有效定位经度", "longitude of the last good fix"),
        "last_lat": ("最后有效定位纬度", "latitude of the last good fix"),
        "load_t": ("推算装载量（吨）", "load as estimated (t)"),
        "approved_load_t": ("核定载质量（吨）", "approved load (t)"),
        "lost_pct": ("途中液位下降（%）", "drop of the level on the way (%)"),
        "per_10_min_c": ("10 分钟温度变化（℃）", "change of temperature in 10 min (°C)"),
        "set_pressure_kpa": ("安全阀整定压力（kPa）", "set pressure of the safety valve (kPa)"),
        "tank_temp_min_c": ("罐温下限（℃）", "lowest tank temperature (°C)"),
        "tank_temp_max_c": ("罐温上限（℃）", "highest tank temperature (°C)"),
        "quantity_t": ("运单数量（吨）", "quantity on the waybill (t)"),
        "escort_id": ("押运员编号", "escort id"),
        "consignor": ("托运人", "consignor"),
        "consignee": ("收货人", "consignee"),
        "tank_media": ("适装介质", "what the tank is made for"),
        "dark": ("按夜间距离", "by the distance for the night"),
        "goods_name_en": ("货物英文名称", "goods in English"),
        "erg_guide": ("应急指南编号（ERG）", "emergency guide (ERG)"),
        "isolation_m": ("初始隔离距离（米）", "initial isolation (m)"),
        "downwind_m": ("大量泄漏下风向距离（米）", "downwind, large spill (m)"),
        "fire_isolation_m": ("罐车着火隔离距离（米）", "isolation when a tank burns (m)"),
        "protect_low_wind_km": ("下风向防护距离，小风（公里）", "protection downwind, low wind (km)"),
        "protect_moderate_wind_km": (
            "下风向防护距离，中风（公里）",
            "protection downwind, moderate wind (km)",
        ),
        "protect_high_wind_km": ("下风向防护距离，大风（公里）", "protection downwind, high wind (km)"),
        "protect_day_km": ("白天防护距离（公里）", "protection by day (km)"),
        "protect_night_km": ("夜间防护距离（公里）", "protection at night (km)"),
        "judged_at": ("判定时刻", "judged at"),
        "vehicle_id": ("车辆标识", "vehicle id"),
        "fix_age_s": ("定位距判定（秒）", "age of the fix then (s)"),
        "apart_m": ("相距（米）", "apart (m)"),
        "carried_s": ("位置推算时长（秒）", "place carried forward by (s)"),
        "in_tunnel": ("同在隧道内", "both in a tunnel"),
        "other_vehicle_id": ("对方车辆标识", "the other vehicle's id"),
        "other_plate": ("对方车牌", "the other's plate"),
        "other_goods": ("对方货物", "the other's goods"),
        "other_hazard_class": ("对方危险类别", "the other's hazard class"),
        "other_lon": ("对方经度", "the other's longitude"),
        "other_lat": ("对方纬度", "the other's latitude"),
        "other_speed_kmh": ("对方车速（km/h）", "the other's speed (km/h)"),
        "other_fix_age_s": ("对方定位距判定（秒）", "age of the other's fix then (s)"),
        "count": ("车辆数", "vehicles"),
        "members": ("相关车辆", "which vehicles"),
        "park": ("停车场", "park"),
        "capacity": ("核定容量（辆）", "may hold (vehicles)"),
        "passed": ("其间驶过车辆数", "vehicles that passed"),
        "passed_by": ("驶过车辆", "passed by"),
        "alarm": ("报警标志", "alarm word"),
        "status": ("状态位", "status word"),
        "has_fix": ("已定位", "has a GNSS fix"),
        "tank_level_pct": ("罐内液位（%）", "tank level (%)"),
        "tank_temp_c": ("罐内温度（℃）", "tank temperature (°C)"),
        "tank_pressure_kpa": ("罐内压力（kPa）", "tank pressure (kPa)"),
        "valve_open": ("阀门开启", "valve open"),
    }
)
_MOMENTS = ("fix_time", "received_at", "judged_at", "valid_from", "valid_to")
_WORDS: Mapping[object, Pair] = MappingProxyType({True: ("是", "yes"), False: ("否", "no"), None: ("—", "—")})
_LOADS: Mapping[str, Pair] = MappingProxyType(
    {
        "unknown": ("未报", "not reported"),
        "empty": ("空载", "empty"),
        "part": ("半载", "part"),
        "full": ("满载", "full"),
    }
)
_COLOURS: Mapping[str, Pair] = MappingProxyType(
    {
        "yellow": ("黄牌", "yellow"),
        "blue": ("蓝牌", "blue"),
        "green": ("绿牌", "green"),
        "yellow-green": ("黄绿牌", "yellow-green"),
        "black": ("黑牌", "black"),
        "white": ("白牌", "white"),
    }
)


def label(name: str, language: Language) -> str:
    """Return what a fact is called; one without a label keeps its identifier."""
    return in_language(LABELS.get(name, (name, name)), language)


def is_moment(name: str) -> bool:
    """Whether a fact is a time."""
    return name.endswith(_MOMENTS)


def in_words(name: str, value: object, language: Language) -> object:
    """A fact as it is read on the page."""
    if value is None or isinstance(value, bool):
        return in_language(_WORDS[value], language)
    if name in {"lon", "lat"}:
        return f"{value:.6f}"
    if name in {"load", "plate_colour"}:
        table = _LOADS if name == "load" else _COLOURS
        return in_language(table.get(str(value), (str(value), str(value))), language)
    return document_words(name, value, language) if isinstance(value, str) else value
