"""Cases of the document rules: waybills, permits, certificates, blacklists."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_DAY = 86400.0
_CHLORINE = {"un_no": "UN1017", "goods_name": "氯", "hazard_class": "2.3", "quantity_t": 20.0}
_XYLENE = {"un_no": "UN1307", "goods_name": "二甲苯"}
_TOXIC = {"kind": "toxic", "un_nos": ("UN1017",), "max_load_t": 25.0}


def _trip(minutes: float = 3.0) -> Drive:
    """Loaded, on the trunk road, all in order."""
    return Drive(interval_s=20).at("trunk", 3).go(45, minutes)


WAYBILLS = (
    case("no_waybill_fires", "no_waybill waybill_time", "满载行驶 8 分钟，无电子运单", drive=_trip(8),
         waybills=(), truth=[("no_waybill", 0, None)]),
    case("no_waybill_near_short", "no_waybill", "满载行驶 4 分 40 秒，无电子运单", drive=_trip(4 + 2 / 3),
         waybills=()),
    case("no_waybill_near_empty", "no_waybill", "空车行驶 8 分钟，无电子运单", waybills=(),
         drive=Drive(interval_s=20).at("trunk", 3).set(load="empty").go(45, 8)),
    case("no_waybill_near_plant", "no_waybill", "满载在厂内等待 8 分钟，运单未开", waybills=(),
         drive=Drive(interval_s=20).at_xy(4000, 10600).stop(8)),
    case("no_waybill_near_stranger", "no_waybill", "未登记车辆：无从核对运单", drive=_trip(8),
         registered=False),
    case("no_waybill_fires_unrelated", "no_waybill waybill_time", "运单 2 小时 10 分后才生效", drive=_trip(8),
         waybills=[{"valid_from_s": 7800.0}], truth=[("no_waybill", 0, None)]),
    case("waybill_time_fires_early", "waybill_time no_waybill", "运单 1 小时后才生效，提前出车",
         drive=_trip(8), waybills=[{"valid_from_s": 3600.0}], truth=[("waybill_time", 0, None)]),
    case("waybill_time_fires_over", "waybill_time no_waybill", "运单 1 小时前到期", drive=_trip(8),
         waybills=[{"valid_to_s": -3600.0}], truth=[("waybill_time", 0, None)]),
    case("waybill_time_near", "waybill_time", "运单 1 分钟前生效", drive=_trip(8),
         waybills=[{"valid_from_s": -60.0}]),
    case("waybill_mismatch_fires_plate", "waybill_mismatch", "运单号牌与车辆登记不符", drive=_trip(),
         waybills=[{"plate": "浙B99999"}], truth=[("waybill_mismatch", 0, None)]),
    case("waybill_mismatch_fires_tail", "waybill_mismatch", "运单挂车号牌与登记不符", drive=_trip(),
         vehicle={"trailer_plate": "浙B1234挂"}, waybills=[{"trailer_plate": "浙B4321挂"}],
         truth=[("waybill_mismatch", 0, None)]),
    case("waybill_mismatch_fires_firm", "waybill_mismatch", "运单承运人与车辆登记不符", drive=_trip(),
         waybills=[{"carrier_id": "C-other"}], truth=[("waybill_mismatch", 0, None)]),
    case("waybill_mismatch_near", "waybill_mismatch", "牵引车、挂车、承运人均与登记相符", drive=_trip(),
         vehicle={"trailer_plate": "浙B5678挂"}),
    case("waybill_quantity_fires", "waybill_quantity", "运单 30.5 吨，核定载质量 30 吨", drive=_trip(),
         waybills=[{"quantity_t": 30.5}], truth=[("waybill_quantity", 0, None)]),
    case("waybill_quantity_fires_tank", "waybill_quantity", "运单 20 吨，液位折算 23.7 吨",
         drive=_trip().set(tank_level_pct=80.0).go(45, 3), waybills=[{"quantity_t": 20.0}],
         truth=[("waybill_quantity", 180, None)]),
    case("waybill_quantity_near_tank", "waybill_quantity", "运单 20 吨，液位折算 20.4 吨",
         drive=_trip().set(tank_level_pct=69.0).go(45, 3), waybills=[{"quantity_t": 20.0}]),
    case("waybill_quantity_near", "waybill_quantity", "运单 30.0 吨，核定载质量 30 吨", drive=_trip(),
         waybills=[{"quantity_t": 30.0}]),
    case("waybill_place_fires", "waybill_place", "在运单装货地以外的厂装货",
         drive=Drive(interval_s=30).at_xy(16000, 10600).set(load="empty").stop(5).set(load="full").stop(10),
         truth=[("waybill_place", 300, None)]),
    case("waybill_place_fires_unload", "waybill_place", "在运单收货地以外的厂卸货",
         drive=Drive(interval_s=30).at_xy(4000, 10600).stop(5).set(load="empty").stop(10),
         waybills=[{"origin": "plant.b", "destination": "park.main"}], truth=[("waybill_place", 300, None)]),
    case("waybill_place_near", "waybill_place", "在运单装货地装货",
         drive=Drive(interval_s=30).at_xy(4000, 10600).set(load="empty").stop(5).set(load="full").stop(10)),
    case("waybill_reused_fires", "waybill_reused", "出镇 36 分钟后凭同一运单再次进镇",
         drive=Drive(interval_s=60).at("trunk", 2.6, back=True).go(45, km=1.6)
         .along((900, 15500), (900, 9991), kmh=18.5).turn("trunk").go(45, 5),
         truth=[("waybill_reused", 2370, None)]),
    case("waybill_reused_near", "waybill_reused", "出镇 24 分钟后凭同一运单返回",
         drive=Drive(interval_s=60).at("trunk", 2.6, back=True).go(45, km=1.6)
         .along((900, 15500), (900, 9991), kmh=30).turn("trunk").go(45, 5)),
)  # fmt: skip

CERTIFICATES = (
    case("tank_unfit_fires", "tank_unfit", "运单货物不在罐体允许介质内", drive=_trip(),
         vehicle={"tank_media": ("UN1114", "UN2055")}, truth=[("tank_unfit", 0, None)]),
    case("tank_unfit_near", "tank_unfit", "运单货物在罐体允许介质内", drive=_trip(),
         vehicle={"tank_media": ("UN1114", "UN1203")}),
    case("inspection_overdue_fires", "inspection_overdue", "车辆检验昨日到期", drive=_trip(),
         vehicle={"inspection_valid_to_s": -_DAY}, truth=[("inspection_overdue", 0, None)]),
    case("inspection_overdue_fires_tank", "inspection_overdue", "罐体检验昨日到期", drive=_trip(),
         vehicle={"tank_inspection_valid_to_s": -_DAY}, truth=[("inspection_overdue", 0, None)]),
    case("inspection_overdue_near", "inspection_overdue", "车辆和罐体检验一小时后到期", drive=_trip(),
         vehicle={"inspection_valid_to_s": 3600.0, "tank_inspection_valid_to_s": 3600.0}),
    case("driver_cert_fires_unknown", "driver_certificate", "驾驶员不在登记中", drive=_trip(), driver=None,
         truth=[("driver_certificate", 0, None)]),
    case("driver_cert_fires_expired", "driver_certificate", "驾驶员从业资格证昨日到期", drive=_trip(),
         driver={"valid_to_s": -_DAY}, truth=[("driver_certificate", 0, None)]),
    case("driver_cert_fires_class", "driver_certificate", "驾驶员资格证只准运第 8 类", drive=_trip(),
         driver={"hazard_classes": ("8",)}, truth=[("driver_certificate", 0, None)]),
    case("driver_cert_fires_role", "driver_certificate", "驾驶员只有押运员资格", drive=_trip(),
         driver={"may_drive": False, "may_escort": True}, truth=[("driver_certificate", 0, None)]),
    case("driver_cert_fires_red", "driver_certificate", "驾驶员安全码红码", drive=_trip(),
         driver={"code": "red"}, truth=[("driver_certificate", 0, None)]),
    case("driver_cert_fires_yellow", "driver_certificate", "驾驶员安全码黄码，运输氯（特别管控）",
         drive=_trip(), driver={"code": "yellow"}, waybills=[_CHLORINE], permits=[_TOXIC],
         truth=[("driver_certificate", 0, None)]),
    case("driver_certificate_near", "driver_certificate", "黄码运输二甲苯（非特别管控），证件一小时后到期",
         drive=_trip(), waybills=[_XYLENE],
         driver={"code": "yellow", "valid_to_s": 3600.0, "hazard_classes": ("3",)}),
    case("escort_missing_fires", "escort_missing", "运单上无押运员", drive=_trip(),
         waybills=[{"escort_id": "", "escort_name": ""}], truth=[("escort_missing", 0, None)]),
    case("escort_missing_near", "escort_missing", "空车返回，无押运员",
         drive=Drive(interval_s=20).at("trunk", 3).set(load="empty").go(45, 3),
         waybills=[{"escort_id": "", "escort_name": ""}]),
    case("escort_cert_fires_unknown", "escort_certificate", "押运员不在登记中", drive=_trip(), escort=None,
         truth=[("escort_certificate", 0, None)]),
    case("escort_cert_fires_expired", "escort_certificate", "押运员从业资格证昨日到期", drive=_trip(),
         escort={"valid_to_s": -_DAY}, truth=[("escort_certificate", 0, None)]),
    case("escort_certificate_near", "escort_certificate", "押运员资格证一小时后到期", drive=_trip(),
         escort={"valid_to_s": 3600.0, "hazard_classes": ("3",)}),
    case("carrier_scope_fires", "carrier_scope", "承运人经营范围不含第 3 类", drive=_trip(),
         carrier={"hazard_classes": ("8",)}, truth=[("carrier_scope", 0, None)]),
    case("carrier_scope_fires_expired", "carrier_scope", "承运人经营许可昨日到期", drive=_trip(),
         carrier={"valid_to_s": -_DAY}, truth=[("carrier_scope", 0, None)]),
    case("carrier_scope_near", "carrier_scope", "承运人经营范围只含第 3 类，一小时后到期", drive=_trip(),
         carrier={"hazard_classes": ("3",), "valid_to_s": 3600.0}),
)  # fmt: skip


def _harbour() -> Drive:
    """Three minutes on the road that wants a permit."""
    return Drive().at("harbour", 1).go(45, 3)


PERMITS = (
    case("no_permit_fires", "no_permit", "无通行证行驶港口路", drive=_harbour(),
         truth=[("no_permit", 0, None, "harbour")]),
    case("no_permit_fires_revoked", "no_permit", "港口路通行证已吊销", drive=_harbour(),
         permits=[{"roads": ("harbour",), "state": "revoked"}], truth=[("no_permit", 0, None, "harbour")]),
    case("no_permit_fires_expired", "no_permit", "港口路通行证昨日到期", drive=_harbour(),
         permits=[{"roads": ("harbour",), "valid_to_s": -_DAY}], truth=[("no_permit", 0, None, "harbour")]),
    case("no_permit_near", "no_permit permit_expiring", "持港口路通行证行驶", drive=_harbour(),
         permits=[{"roads": ("harbour",)}]),
    case("no_permit_near_second", "no_permit permit_expiring", "一证过期，另一证有效", drive=_harbour(),
         permits=[{"roads": ("harbour",), "valid_to_s": -_DAY}, {"roads": ("harbour",)}]),
    case("toxic_permit_fires", "toxic_permit", "运输液氯，无剧毒化学品公路运输通行证", drive=_trip(),
         waybills=[_CHLORINE], truth=[("toxic_permit", 0, None)]),
    case("toxic_permit_fires_goods", "toxic_permit", "剧毒通行证载明的是另一种货物", drive=_trip(),
         waybills=[_CHLORINE], permits=[{**_TOXIC, "un_nos": ("UN1051",)}],
         truth=[("toxic_permit", 0, None)]),
    case("toxic_permit_fires_load", "toxic_permit", "超过剧毒通行证载明的数量", drive=_trip(),
         waybills=[{**_CHLORINE, "quantity_t": 25.5}], permits=[_TOXIC], truth=[("toxic_permit", 0, None)]),
    case("toxic_permit_near", "toxic_permit", "持证运输液氯 25 吨", drive=_trip(),
         waybills=[{**_CHLORINE, "quantity_t": 25.0}], permits=[_TOXIC]),
    case("permit_expiring_fires", "permit_expiring", "港口路通行证 3 天后到期", drive=_harbour(),
         permits=[{"roads": ("harbour",), "valid_to_s": 3 * _DAY}], truth=[("permit_expiring", 0, None)]),
    case("permit_expiring_near", "permit_expiring", "港口路通行证 7 天零 1 小时后到期", drive=_harbour(),
         permits=[{"roads": ("harbour",), "valid_to_s": 7 * _DAY + 3600}]),
    case("permit_expiring_near_renewed", "permit_expiring", "旧证 3 天后到期，新证已下发", drive=_harbour(),
         permits=[{"roads": ("harbour",), "valid_to_s": 3 * _DAY}, {"roads": ("harbour",)}]),
)  # fmt: skip

BLACKLISTS = (
    *(
        case(f"blacklisted_fires_{kind}", "blacklisted", f"黑名单{name}上路", drive=_trip(),
             blacklist=[{"kind": kind}],
             truth=[("blacklisted", 0, None, f"B1-blacklisted_fires_{kind}")])
        for kind, name in (("vehicle", "车辆"), ("driver", "驾驶员"), ("escort", "押运员"),
                           ("enterprise", "企业"))
    ),
    case("blacklisted_fires_permit", "blacklisted", "使用列入黑名单的通行证", drive=_harbour(),
         permits=[{"roads": ("harbour",)}], blacklist=[{"kind": "permit"}],
         truth=[("blacklisted", 0, None, "B1-blacklisted_fires_permit"), ("no_permit", 0, None, "harbour")]),
    case("blacklisted_fires_all", "blacklisted", "车辆、驾驶员、企业同时在黑名单：各自告警", drive=_trip(),
         blacklist=[{"kind": "vehicle"}, {"kind": "driver"}, {"kind": "enterprise"}],
         truth=[("blacklisted", 0, None, f"B{n}-blacklisted_fires_all") for n in (1, 2, 3)]),
    case("blacklisted_near_over", "blacklisted", "昨日已移出黑名单", drive=_trip(),
         blacklist=[{"kind": kind, "valid_to_s": -_DAY} for kind in ("vehicle", "driver", "enterprise")]),
    case("blacklisted_near_parked", "blacklisted", "黑名单车辆停在停车场",
         drive=Drive(interval_s=30).at_xy(10000, 10600).stop(5), blacklist=[{"kind": "vehicle"}]),
)  # fmt: skip

CASES = (*WAYBILLS, *CERTIFICATES, *PERMITS, *BLACKLISTS)
