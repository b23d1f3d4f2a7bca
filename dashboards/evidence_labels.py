"""What the facts under an alert are called on its evidence page."""

LABELS = {
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
    return _LOADS.get(str(value), value) if name == "load" else value
