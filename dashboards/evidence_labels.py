"""What the facts under an alert are called on its evidence page."""

from dashboards.document_labels import DOCUMENT_LABELS, document_words

LABELS = DOCUMENT_LABELS | {
    "rule_version": "规则版本",
    "registry_version": "基础数据版本",
    "hold_s": "须持续（秒）",
    "hold_fixes": "须命中定位数",
    "after_s": "失联阈值（秒）",
    "fix_time": "定位时间",
    "received_at": "接收时间",
    "last_fix_time": "最后定位时间",
    "last_received_at": "最后接收时间",
    "lon": "经度",
    "lat": "纬度",
    "speed_kmh": "车速（km/h）",
    "heading_deg": "航向（度）",
    "accuracy_m": "定位精度（米）",
    "stopped_s": "已停（秒）",
    "load": "终端所报载重",
    "loaded": "判为载货",
    "registered": "已备案",
    "plate": "车牌",
    "plate_colour": "车牌颜色",
    "carrier_id": "企业编号",
    "carrier": "承运企业",
    "waybill_no": "电子运单",
    "un_no": "UN 编号",
    "goods": "货物",
    "hazard_class": "危险类别",
    "driver_id": "驾驶员编号",
    "route_id": "运单路线",
    "road_id": "所在道路编号",
    "road_name": "所在道路",
    "road_valid_from": "道路版本生效",
    "road_hours": "道路时段",
    "fence_id": "围栏编号",
    "fence_name": "围栏",
    "fence_valid_from": "围栏版本生效",
    "fence_hours": "围栏时段",
    "listed": "列入黑名单原因",
    "speed_limit_kmh": "限速（km/h）",
    "over_pct": "超速比例（%）",
    "expressway": "高速公路",
    "points": "记分",
    "driven_h": "连续驾驶（小时）",
    "night_driven_h": "其中夜间（小时）",
    "day_driven_h": "24 小时累计驾驶（小时）",
    "last_lon": "最后有效定位经度",
    "last_lat": "最后有效定位纬度",
    "load_t": "推算装载量（吨）",
    "approved_load_t": "核定载质量（吨）",
    "lost_pct": "途中液位下降（%）",
    "per_10_min_c": "10 分钟温度变化（℃）",
    "set_pressure_kpa": "安全阀整定压力（kPa）",
    "tank_temp_min_c": "罐温下限（℃）",
    "tank_temp_max_c": "罐温上限（℃）",
    "quantity_t": "运单数量（吨）",
    "escort_id": "押运员编号",
    "consignor": "托运人",
    "consignee": "收货人",
    "tank_media": "适装介质",
    "dark": "按夜间距离",
    "goods_name_en": "货物英文名称",
    "erg_guide": "应急指南编号（ERG）",
    "isolation_m": "初始隔离距离（米）",
    "downwind_m": "大量泄漏下风向距离（米）",
    "fire_isolation_m": "罐车着火隔离距离（米）",
    "protect_low_wind_km": "下风向防护距离，小风（公里）",
    "protect_moderate_wind_km": "下风向防护距离，中风（公里）",
    "protect_high_wind_km": "下风向防护距离，大风（公里）",
    "protect_day_km": "白天防护距离（公里）",
    "protect_night_km": "夜间防护距离（公里）",
    "judged_at": "判定时刻",
    "vehicle_id": "车辆标识",
    "fix_age_s": "定位距判定（秒）",
    "apart_m": "相距（米）",
    "carried_s": "位置推算时长（秒）",
    "in_tunnel": "同在隧道内",
    "other_vehicle_id": "对方车辆标识",
    "other_plate": "对方车牌",
    "other_goods": "对方货物",
    "other_hazard_class": "对方危险类别",
    "other_lon": "对方经度",
    "other_lat": "对方纬度",
    "other_speed_kmh": "对方车速（km/h）",
    "other_fix_age_s": "对方定位距判定（秒）",
    "count": "车辆数",
    "members": "相关车辆",
    "park": "停车场",
    "capacity": "核定容量（辆）",
    "passed": "其间驶过车辆数",
    "passed_by": "驶过车辆",
    "alarm": "报警标志",
    "status": "状态位",
    "has_fix": "已定位",
    "tank_level_pct": "罐内液位（%）",
    "tank_temp_c": "罐内温度（℃）",
    "tank_pressure_kpa": "罐内压力（kPa）",
    "valve_open": "阀门开启",
}
_MOMENTS = ("fix_time", "received_at", "valid_from", "valid_to")
_WORDS = {True: "是", False: "否", None: "—"}
_LOADS = {"unknown": "未报", "empty": "空", "part": "半载", "full": "满载"}


def is_moment(name: str) -> bool:
    """Whether a fact is a time."""
    return name.endswith(_MOMENTS)


def in_words(name: str, value: object) -> object:
    """A fact as it is read on the page."""
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if name in ("lon", "lat"):
        return f"{value:.6f}"
    if name == "load":
        return _LOADS.get(str(value), value)
    return document_words(name, value) if isinstance(value, str) else value
