"""The traps of the field: where systems like this one go wrong, each with its number in the list of traps."""

from hazmat.schedule import Schedule
from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_BENT = [{"route_id": "route.bent"}]
_PETROL_LIST = ("UN1114", "UN2055")
_22_YEARS_S = 22 * 365.25 * 86400.0
_SINCE_8 = "2026-06-10 08:00"


def _harbour() -> Drive:
    return Drive().at("harbour", 1).go(45, 3)


def _with_gaps(count: int) -> Drive:
    """Fixes over the limit come at once, those between them, below it, two minutes later."""
    drive = Drive().at("trunk", 3).go(45, 1)
    for _ in range(count):
        drive.go(68, 1 / 6).late(1 / 6, kmh=45, after_s=120)
    return drive.go(45, 4)


def _seldom() -> Drive:
    return Drive(interval_s=120, brief=True).at("expressway", 0.5).set(load="empty")


FIXES = (
    case("trap_01_units", "overspeed speed_warning", "速度以 km/h 计：54 不是 54 节，也不是 0.1 km/h",
         drive=Drive(times="epoch").at("trunk", 3).go(54, 3)),
    case("trap_02_midnight", "barred_area", "跨午夜、跨年的夜间禁行时段，一次告警",
         start="2026-12-31 23:59", drive=Drive(times="local").at("street", 13.05).go(8, 2),
         truth=[("barred_area", 0, None, "barred.night")]),
    case("trap_02_morning", "barred_area barred_area_ahead", "夜间禁行 6 时整结束",
         start="2027-01-01 06:00", drive=Drive().at("street", 12.8).go(40, 1)),
    case("trap_03_replay", "overspeed", "盲区补传乱序，期间超速：补判为证据",
         drive=Drive().at("trunk", 3).go(45, 1).late(3, kmh=68).go(45, 2), truth=[("overspeed", 60, 240)]),
    case("trap_03_behind", "overspeed", "补传晚于较新定位到达，期间超速：事后补判",
         drive=Drive().at("trunk", 3).go(45, 1).late(3, kmh=68, after_s=120).go(45, 4),
         truth=[("overspeed", 60, 240)]),
    case("trap_03_withdrawn", "overspeed", "缺失的定位补到后，三次超速并不连续：撤销告警",
         drive=_with_gaps(3)),
    case("trap_03_replay_near", "off_designated_road overspeed silent", "盲区补传乱序且重复，无违规",
         drive=Drive().at("trunk", 3).go(45, 1).late(3, kmh=45).duplicate().go(45, 2).duplicate()),
    case("trap_04_old_fix", "barred_area stop_on_no_stop", "无定位时上报旧坐标，位于限时禁行区内",
         start="2026-06-10 06:58", drive=Drive().at("street", 9.35).go(20, 1).no_fix(6).go(45, 1)),
    case("trap_05_held_bit", "sos", "报警位保持 40 次上报，只算一次",
         drive=Drive().at("trunk", 3).go(45, 1).set(alarm=1).go(45, 400 / 60).set(alarm=0).go(45, 1),
         truth=[("sos", 60, 460)]),
    case("trap_06_datum", "off_designated_road", "终端以 GCJ-02 上报并注明",
         drive=Drive(datum="GCJ-02").at("trunk", 5).go(45, 3)),
    case("trap_06_datum_fires", "off_designated_road", "满载行驶辅路，终端以 GCJ-02 上报",
         drive=Drive(datum="GCJ-02").at("service", 2).go(30, 3), truth=[("off_designated_road", 0, None)]),
    case("trap_07_bend", "off_corridor", "走廊转弯处，定位误差 3 米", waybills=_BENT,
         permits=[{"roads": ("harbour",)}],
         drive=Drive(error_m=3.0, accuracy_m=10.0).at("trunk", 13.3).go(45, km=0.69).turn("harbour")
         .go(45, 1.5)),
    case("trap_07_end", "off_corridor", "走廊终点外 120 米绕行", waybills=_BENT,
         permits=[{"roads": ("harbour",)}],
         drive=Drive().at("harbour", 6.6).go(40, km=0.42).go(20, km=0.13).turn_round().go(20, 1)),
)  # fmt: skip

PAPERS = (
    case("trap_08_trailer", "waybill_mismatch", "挂车证件与牵引车不同",
         drive=Drive().at("trunk", 3).go(45, 3), vehicle={"trailer_plate": "浙B2468挂"},
         waybills=[{"trailer_plate": "浙B8642挂"}],
         truth=[("waybill_mismatch", 0, None)]),
    case("trap_08_colour", "waybill_mismatch", "号牌相同、颜色不同", drive=Drive().at("trunk", 3).go(45, 3),
         waybills=[{"plate_colour": "blue"}], truth=[("waybill_mismatch", 0, None)]),
    case("trap_09_un", "tank_unfit waybill_mismatch", "运单 UN 编号不在罐体介质清单",
         drive=Drive().at("trunk", 3).go(45, 3), vehicle={"tank_media": _PETROL_LIST},
         truth=[("tank_unfit", 0, None)]),
    case("trap_10_hour", "no_permit", "通行证日期有效，时段不符", drive=_harbour(),
         permits=[{"roads": ("harbour",), "schedule": Schedule.parse("20:00-22:00")}],
         truth=[("no_permit", 0, None, "harbour")]),
    case("trap_10_route", "no_permit", "通行证日期有效，道路不符", drive=_harbour(),
         permits=[{"roads": ("barred.old_town",)}], truth=[("no_permit", 0, None, "harbour")]),
    case("trap_10_load", "no_permit", "通行证日期有效，数量超出", drive=_harbour(),
         permits=[{"roads": ("harbour",), "max_load_t": 20.0}], truth=[("no_permit", 0, None, "harbour")]),
    case("trap_10_goods", "no_permit", "通行证日期有效，货物不符", drive=_harbour(),
         permits=[{"roads": ("harbour",), "un_nos": ("UN1114",)}],
         truth=[("no_permit", 0, None, "harbour")]),
    case("trap_11_escort", "escort_missing", "押运员与驾驶员是同一人", drive=Drive().at("trunk", 3).go(45, 3),
         waybills=[{"escort_id": "D-trap_11_escort", "escort_name": "张伟"}],
         truth=[("escort_missing", 0, None)]),
)  # fmt: skip

TIMES = (
    case("trap_12_future", "clock_wrong", "设备时间在一天以后",
         drive=Drive().at("trunk", 3).go(45, 1).clock(86400).go(45, 2), truth=[("clock_wrong", 60, None)]),
    case("trap_12_2004", "clock_wrong", "设备时间回到 2004 年",
         drive=Drive().at("trunk", 3).go(45, 1).clock(-_22_YEARS_S).go(45, 2),
         truth=[("clock_wrong", 60, None)]),
    case("trap_13_tunnel", "silent jamming", "隧道内拥堵失联 20 分钟，不是人为屏蔽",
         drive=Drive(interval_s=20).at("north", 11.9).go(45, km=0.3).silent(20, kmh=8).go(45, 2)),
    case("trap_13_longer", "silent_loaded silent", "满载进隧道后失联 70 分钟",
         drive=Drive(interval_s=20).at("north", 11.9).go(45, km=0.3), until_s=24 + 70 * 60,
         truth=[("silent", 920, None), ("silent_loaded", 20, None)]),
    case("trap_14_posted", "overspeed", "限速 40 的路上以 45 行驶",
         drive=Drive().at("side", 3).set(load="empty").go(45, 3), truth=[("overspeed", 0, None)]),
    case("trap_14_posted_expressway", "overspeed overspeed_20", "高速限速段 60，以 70 行驶",
         drive=Drive().at("slow_expressway", 3).go(70, 3), truth=[("overspeed", 0, None)]),
    case("trap_14_legal", "overspeed", "标志限速 90，法定 60，以 68 行驶",
         drive=Drive().at("fast", 3).go(68, 3), truth=[("overspeed", 0, None)]),
    case("trap_14_beside", "overspeed", "干路限速 60，辅路限速 40，在干路以 54 行驶",
         drive=Drive(error_m=4.0, accuracy_m=10.0).at("trunk", 3).go(54, 3)),
    case("trap_15_rest_of_19_59", "fatigue fatigue_warning", "休息 19 分 59 秒不算休息", start=_SINCE_8,
         drive=_seldom().go(70, 140).every(120).stop(1199 / 60).every(120).go(70, 120).stop(24),
         truth=[("fatigue_warning", 13799, 16799), ("fatigue", 15599, 16799)]),
    case("trap_15_rest_of_20_00", "fatigue fatigue_warning", "休息 20 分钟整，重新计时", start=_SINCE_8,
         drive=_seldom().go(70, 140).every(120).stop(20).every(120).go(70, 140)),
    case("trap_15_creep", "fatigue", "排队缓行不算休息", start=_SINCE_8,
         drive=_seldom().go(70, 120).creep(4, 30).go(70, 110).stop(24),
         truth=[("fatigue_warning", 12600, 15600), ("fatigue", 14400, 15600)]),
)  # fmt: skip

CASES = (*FIXES, *PAPERS, *TIMES)
