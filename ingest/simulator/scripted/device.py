"""Cases of the device rules: silence, drift, tampering and wrong clocks."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import Truck, case

_DAY = 86400.0
_POWER_CUT, _LOW_VOLTAGE = 1 << 8, 1 << 7
_ANTENNA_OPEN = 1 << 5


def _on_trunk() -> Drive:
    """Driving on the trunk road for two minutes."""
    return Drive().at("trunk", 3).go(45, 2)


def _in_park() -> Drive:
    """An empty truck standing in the park."""
    return Drive(interval_s=30).at_xy(10000, 10600).set(load="empty").stop(2)


SILENCE = (
    case("silent_fires", "silent", "行驶中失联，不再上线", drive=_on_trunk(), until_s=120 + 900,
         truth=[("silent", 110, None)]),
    case("silent_near", "silent", "行驶中失联 9 分 40 秒后恢复",
         drive=_on_trunk().silent(9.5, kmh=12).go(45, 1)),
    case("silent_near_standing", "silent silent_loaded", "停车场内熄火失联 50 分钟", drive=_in_park(),
         until_s=120 + 3000),
    case("silent_loaded_fires", "silent_loaded", "满载停在路边，失联 65 分钟",
         drive=Drive().at("trunk", 5).go(45, 1).stop(3), until_s=240 + 65 * 60,
         truth=[("silent_loaded", 230, None)]),
    case("silent_loaded_near", "silent_loaded", "满载停在路边，失联 58 分钟",
         drive=Drive().at("trunk", 5).go(45, 1).stop(3), until_s=240 + 58 * 60),
    case("silent_loaded_near_park", "silent_loaded", "满载停在停车场，失联 65 分钟",
         drive=Drive(interval_s=30).at_xy(10000, 10600).stop(3), until_s=240 + 65 * 60),
    case("offline_three_days_fires", "offline_three_days", "停车场内三天零一小时未上线", drive=_in_park(),
         until_s=120 + 3 * _DAY + 3600, truth=[("offline_three_days", 90, None)]),
    case("offline_three_days_near", "offline_three_days", "停车场内两天 23 小时未上线", drive=_in_park(),
         until_s=120 + 3 * _DAY - 3600),
    case("offline_displacement_fires", "offline_displacement", "失联 20 分钟后在 3 公里外出现",
         drive=_in_park().silent(20).at("trunk", 13).go(45, 2), truth=[("offline_displacement", 1320, None)]),
    case("offline_displacement_near", "offline_displacement", "失联 20 分钟后在 1.95 公里外出现",
         drive=_in_park().silent(20).at("trunk", 11.85, back=True).go(45, 1)),
    case("offline_displ_near_short", "offline_displacement", "失联 9 分钟后在 3 公里外出现",
         drive=_in_park().silent(9).at("trunk", 13).go(45, 2)),
)  # fmt: skip

DRIFT = (
    case("implausible_speed_fires", "implausible_speed", "定位 10 分钟内三次跳跃 4 公里",
         drive=Drive().at("trunk", 3).go(45, 1).jump(7000, 9991).go(45, 1).jump(11200, 9991).go(45, 1)
         .jump(15000, 9991).go(45, 2), truth=[("implausible_speed", 180, None)]),
    case("implausible_speed_near", "implausible_speed", "定位 10 分钟内两次跳跃 4 公里",
         drive=Drive().at("trunk", 3).go(45, 1).jump(7000, 9991).go(45, 1).jump(11200, 9991).go(45, 3)),
    case("frozen_position_fires", "frozen_position", "车速 45，坐标 6 分钟一位不变",
         drive=Drive().at("trunk", 3).go(45, 1).freeze_position().go(45, 6),
         truth=[("frozen_position", 60, None)]),
    case("frozen_position_near", "frozen_position", "车速 45，坐标 4 分 48 秒不变后恢复",
         drive=Drive().at("trunk", 3).go(45, 1).freeze_position().go(45, 4.8).freeze_position(thaw=True)
         .go(45, 1)),
    case("frozen_position_near_parked", "frozen_position", "停车场内坐标 20 分钟不变",
         drive=Drive(interval_s=30).at_xy(10000, 10600).freeze_position().stop(20)),
    case("frozen_clock_fires", "frozen_clock", "消息不断，设备时间两分钟不走",
         drive=_on_trunk().freeze_clock().go(45, 2).freeze_clock(thaw=True).go(45, 1),
         truth=[("frozen_clock", 120, 240)]),
    case("frozen_clock_near", "frozen_clock", "重发三次同一定位",
         drive=_on_trunk().duplicate().duplicate().duplicate().go(45, 2)),
    case("two_places_fires", "two_places", "同一号牌同时出现在相距 12 公里的两处",
         Truck(drive=Drive(interval_s=20).at("trunk", 3).go(45, 5), truth=[("two_places", 0, None)]),
         Truck(drive=Drive(interval_s=20, start_s=10).at("street", 14.1, back=True).go(30, 5))),
    case("two_places_near", "two_places", "定位跳跃一次后停留在新位置",
         drive=Drive(interval_s=20).at("trunk", 3).go(45, 2).jump(14000, 9991).go(45, 3)),
)  # fmt: skip


def _with_alarm(alarm: int, minutes: float = 2.0) -> Drive:
    """A minute in order, some with the alarm, one in order again."""
    return Drive().at("trunk", 5).go(45, 1).set(alarm=alarm).go(45, minutes).set(alarm=0).go(45, 1)


TAMPER = (
    case("power_cut_fires", "power_cut", "终端报主电源掉电两分钟", drive=_with_alarm(_POWER_CUT),
         truth=[("power_cut", 60, 180)]),
    case("power_cut_fires_low", "power_cut", "终端报主电源欠压两分钟", drive=_with_alarm(_LOW_VOLTAGE),
         truth=[("power_cut", 60, 180)]),
    case("power_cut_near", "power_cut", "终端报主电源掉电 20 秒后恢复",
         drive=_with_alarm(_POWER_CUT, 1 / 3)),
    case("power_cut_near_other_bit", "power_cut antenna_fault", "终端报显示屏故障（邻位）",
         drive=_with_alarm(1 << 9)),
    case("antenna_fault_fires", "antenna_fault", "终端报天线未接两分钟", drive=_with_alarm(_ANTENNA_OPEN),
         truth=[("antenna_fault", 60, 180)]),
    case("antenna_fault_near", "antenna_fault", "终端报天线未接 20 秒后恢复",
         drive=_with_alarm(_ANTENNA_OPEN, 1 / 3)),
    case("jamming_fires", "jamming", "行驶中无定位 4 分钟，车速仍有",
         drive=_on_trunk().no_fix(4, kmh=45).go(45, 1), truth=[("jamming", 120, 360)]),
    case("jamming_near_short", "jamming", "行驶中无定位 100 秒", drive=_on_trunk().no_fix(100 / 60, kmh=45)
         .go(45, 1)),
    case("jamming_near_standing", "jamming", "停车场内无定位 6 分钟", drive=_in_park().no_fix(6).stop(1)),
    case("jamming_near_tunnel", "jamming", "隧道内无定位 3 分钟",
         drive=Drive().at("north", 11.9).go(45, km=0.2).no_fix(3, kmh=45).go(45, 1)),
    case("clock_wrong_fires", "clock_wrong", "设备时间快 2 分钟",
         drive=_on_trunk().clock(120).go(45, 2), truth=[("clock_wrong", 120, None)]),
    case("clock_wrong_near", "clock_wrong", "设备时间快 50 秒",
         drive=Drive().at("trunk", 3).clock(50).go(45, 3)),
)  # fmt: skip

CASES = (*SILENCE, *DRIFT, *TAMPER)
