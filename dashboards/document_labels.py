"""Names, in the officers' words, of what evidence says about papers, and of what is wrong with them."""

DOCUMENT_LABELS = {
    "waybill_faults": "运单不符项",
    "waybill_plate": "运单号牌",
    "waybill_trailer": "运单挂车号牌",
    "trailer_plate": "登记挂车号牌",
    "waybill_carrier": "运单承运人",
    "approved_classes": "车辆核准类别",
    "level_t": "液位折算数量（t）",
    "away_from_waybill_s": "距运单有效期（s）",
    "loaded_at": "实际装货地",
    "unloaded_at": "实际卸货地",
    "origin": "运单起运地",
    "destination": "运单目的地",
    "away_s": "离镇时长（s）",
    "unloaded_before": "此前已卸货",
    "inspection_valid_to": "车辆检验有效期至",
    "tank_inspection_valid_to": "罐体检验有效期至",
    "driver": "驾驶员",
    "escort": "押运员",
    "person_faults": "人员资格问题",
    "certificate_no": "从业资格证号",
    "certificate_valid_to": "资格证有效期至",
    "safety_code": "安全码",
    "licence_no": "经营许可证号",
    "licence_classes": "许可经营类别",
    "licence_valid_to": "许可证有效期至",
    "permit_no": "通行证号",
    "permit_valid_to": "通行证有效期至",
    "permit_reason": "通行证不适用原因",
    "listed_kind": "黑名单类型",
    "listed_subject": "黑名单对象",
    "limit_margin_s": "运单时间容差（s）",
    "limit_early_s": "提前装货容差（s）",
    "limit_away_s": "离镇时限（s）",
    "limit_days": "到期提醒（天）",
    "limit_level_part": "液位误差（比例）",
    "limit_level_t": "液位误差（t）",
    "limit_over_part": "超载容差（比例）",
}
_VALUES = {
    "none": "无通行证", "revoked": "已吊销或已使用", "road": "不含该路段或区域", "expired": "不在有效期内",
    "goods": "货物不符", "class": "类别不符", "load": "超过核定数量", "hour": "不在准行时段",
    "plate": "号牌", "goods_class": "货物类别", "tank": "罐体介质", "trailer": "挂车", "carrier": "承运人",
    "no_escort": "未配押运员", "escort_drives": "押运员即驾驶员", "unknown": "未登记",
    "no_certificate": "无资格证", "not_valid": "资格证不在有效期内", "wrong_role": "资格种类不符",
    "wrong_class": "资格类别不符", "red_code": "红码", "yellow_code": "黄码",
    "blue": "蓝码", "yellow": "黄码", "red": "红码",
    "vehicle": "车辆", "driver": "驾驶员", "escort": "押运员", "enterprise": "企业", "permit": "通行证",
}  # fmt: skip
_IN_WORDS = {"waybill_faults", "person_faults", "permit_reason", "safety_code", "listed_kind"}


def document_words(name: str, value: str) -> str:
    """Faults, reasons and kinds in Chinese, one or several divided by commas; anything else as it is."""
    if name not in _IN_WORDS or not value:
        return value
    return "、".join(_VALUES.get(each, each) for each in value.split(", "))
