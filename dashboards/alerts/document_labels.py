"""Names, in the officers' words, of what evidence says about papers, and of what is wrong with them."""

from collections.abc import Mapping
from types import MappingProxyType

from hazmat.accounts import Language

Pair = tuple[str, str]  # Chinese, English
DOCUMENT_LABELS: Mapping[str, Pair] = MappingProxyType(
    {
        "waybill_faults": ("运单不符项", "what does not agree with the waybill"),
        "waybill_plate": ("运单号牌", "plate on the waybill"),
        "waybill_trailer": ("运单挂车号牌", "trailer's plate on the waybill"),
        "trailer_plate": ("登记挂车号牌", "trailer's plate as registered"),
        "waybill_carrier": ("运单承运人", "carrier on the waybill"),
        "approved_classes": ("车辆核准类别", "classes the vehicle is approved for"),
        "level_t": ("液位折算数量（t）", "quantity by the level (t)"),
        "away_from_waybill_s": ("距运单有效期（s）", "from the waybill's validity (s)"),
        "loaded_at": ("实际装货地", "loaded at"),
        "unloaded_at": ("实际卸货地", "unloaded at"),
        "origin": ("运单起运地", "origin on the waybill"),
        "destination": ("运单目的地", "destination on the waybill"),
        "away_s": ("离镇时长（s）", "away from the district (s)"),
        "unloaded_before": ("此前已卸货", "unloaded before"),
        "inspection_valid_to": ("车辆检验有效期至", "vehicle inspection valid to"),
        "tank_inspection_valid_to": ("罐体检验有效期至", "tank inspection valid to"),
        "driver": ("驾驶员", "driver"),
        "escort": ("押运员", "escort"),
        "person_faults": ("人员资格问题", "what is wrong with the person's papers"),
        "certificate_no": ("从业资格证号", "certificate"),
        "certificate_valid_to": ("资格证有效期至", "certificate valid to"),
        "safety_code": ("安全码", "safety code"),
        "licence_no": ("经营许可证号", "licence"),
        "licence_classes": ("许可经营类别", "classes the carrier is licensed for"),
        "licence_valid_to": ("许可证有效期至", "licence valid to"),
        "permit_no": ("通行证号", "permit"),
        "permit_valid_to": ("通行证有效期至", "permit valid to"),
        "permit_reason": ("通行证不适用原因", "why the permit does not apply"),
        "listed_kind": ("黑名单类型", "kind of blacklist entry"),
        "listed_subject": ("黑名单对象", "who or what is blacklisted"),
        "limit_margin_s": ("运单时间容差（s）", "tolerance of the waybill's times (s)"),
        "limit_early_s": ("提前装货容差（s）", "tolerance of early loading (s)"),
        "limit_away_s": ("离镇时限（s）", "limit of the absence (s)"),
        "limit_days": ("到期提醒（天）", "notice before expiry (days)"),
        "limit_level_part": ("液位误差（比例）", "error of the level (share)"),
        "limit_level_t": ("液位误差（t）", "error of the level (t)"),
        "limit_over_part": ("超载容差（比例）", "tolerance of overload (share)"),
    }
)
_VALUES: Mapping[str, Pair] = MappingProxyType(
    {
        "none": ("无通行证", "no permit"),
        "revoked": ("已吊销或已使用", "revoked or used up"),
        "road": ("不含该路段或区域", "this road or area is not on it"),
        "expired": ("不在有效期内", "not in its validity"),
        "goods": ("货物不符", "other goods"),
        "class": ("类别不符", "other class"),
        "load": ("超过核定数量", "above the approved quantity"),
        "hour": ("不在准行时段", "not in its hours"),
        "plate": ("号牌", "plate"),
        "goods_class": ("货物类别", "goods class"),
        "tank": ("罐体介质", "tank's media"),
        "trailer": ("挂车", "trailer"),
        "carrier": ("承运人", "carrier"),
        "no_escort": ("未配押运员", "no escort"),
        "escort_drives": ("押运员即驾驶员", "the escort is the driver"),
        "unknown": ("未登记", "not registered"),
        "no_certificate": ("无资格证", "no certificate"),
        "not_valid": ("资格证不在有效期内", "certificate not valid"),
        "wrong_role": ("资格种类不符", "certificate for another role"),
        "wrong_class": ("资格类别不符", "certificate for another class"),
        "red_code": ("红码", "red code"),
        "yellow_code": ("黄码", "yellow code"),
        "blue": ("蓝码", "blue code"),
        "yellow": ("黄码", "yellow code"),
        "red": ("红码", "red code"),
        "vehicle": ("车辆", "vehicle"),
        "driver": ("驾驶员", "driver"),
        "escort": ("押运员", "escort"),
        "enterprise": ("企业", "enterprise"),
        "permit": ("通行证", "permit"),
    }
)
_IN_WORDS = frozenset({"waybill_faults", "person_faults", "permit_reason", "safety_code", "listed_kind"})


def in_language(pair: Pair, language: Language) -> str:
    """Return one of the two."""
    return pair[0] if language == "zh" else pair[1]


def document_words(name: str, value: str, language: Language) -> str:
    """Faults, reasons and kinds in words, one or several divided by commas; anything else as it is."""
    if name not in _IN_WORDS or not value:
        return value
    said = (in_language(_VALUES.get(each, (each, each)), language) for each in value.split(", "))
    return ("、" if language == "zh" else ", ").join(said)
