"""Cases of the conduct rules: speed, rest and hours."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_HOUR = 3600.0


def _at_speed(road: str, kmh: float, minutes: float = 2.0, usual: float = 45.0) -> Drive:
    """A minute as usual, then at this speed, then as usual again."""
    return Drive().at(road, 3).go(usual, 1).go(kmh, minutes).go(usual, 1)


def _long_drive(interval_s: float = 120.0) -> Drive:
    """Empty, on the expressway outside the district, back and forth, the terminal reporting seldom."""
    return Drive(interval_s=interval_s, brief=True).at("expressway", 0.5).set(load="empty")


SPEED = (
    case("overspeed_fires", "overspeed overspeed_20", "限速 60 的路上以 68 行驶两分钟",
         drive=_at_speed("trunk", 68), truth=[("overspeed", 60, 180)]),
    case("overspeed_near_short", "overspeed", "以 68 行驶 20 秒即减速", drive=_at_speed("trunk", 68, 1 / 3)),
    case("overspeed_near_limit", "overspeed speed_warning", "恰以限速 60 行驶，只提醒驾驶员",
         drive=_at_speed("trunk", 60), truth=[("speed_warning", 60, 180)]),
    case("overspeed_fires_expressway", "overspeed", "高速上以 88 行驶",
         drive=_at_speed("expressway", 88, usual=70), truth=[("overspeed", 60, 180)]),
    case("overspeed_near_expressway", "overspeed speed_warning", "高速上以 74 行驶",
         drive=_at_speed("expressway", 74, usual=70)),
    case("overspeed_20_fires", "overspeed_20 overspeed_50", "超速 21.7%", drive=_at_speed("trunk", 73),
         truth=[("overspeed", 60, 180), ("overspeed_20", 60, 180)]),
    case("overspeed_20_near", "overspeed_20", "超速 19.2%", drive=_at_speed("trunk", 71.5),
         truth=[("overspeed", 60, 180)]),
    case("overspeed_50_fires", "overspeed_50", "超速 53%", drive=_at_speed("trunk", 92),
         truth=[("overspeed", 60, 180), ("overspeed_20", 60, 180), ("overspeed_50", 60, 180)]),
    case("overspeed_50_near", "overspeed_50", "超速 48.3%", drive=_at_speed("trunk", 89),
         truth=[("overspeed", 60, 180), ("overspeed_20", 60, 180)]),
    case("speed_warning_fires", "speed_warning", "以 57 行驶，接近限速 60", drive=_at_speed("trunk", 57),
         truth=[("speed_warning", 60, 180)]),
    case("speed_warning_near", "speed_warning", "以 54 行驶，未到提醒值", drive=_at_speed("trunk", 54)),
    case("speed_warning_near_off_road", "speed_warning", "不知所在道路，不作提醒",
         drive=Drive().at_xy(500, 18500).go(78, 1)),
)  # fmt: skip

REST = (
    case("fatigue_fires", "fatigue fatigue_warning", "连续驾驶 4 小时 20 分钟未休息",
         start="2026-06-10 08:00", drive=_long_drive().go(70, 260).stop(30),
         truth=[("fatigue_warning", 3.5 * _HOUR, 260 * 60), ("fatigue", 4 * _HOUR, 260 * 60)]),
    case("fatigue_near", "fatigue", "连续驾驶 3 小时 56 分钟后停车休息", start="2026-06-10 08:00",
         drive=_long_drive().go(70, 236).stop(30), truth=[("fatigue_warning", 3.5 * _HOUR, 236 * 60)]),
    case("fatigue_warning_near", "fatigue_warning", "连续驾驶 3 小时 26 分钟后停车休息",
         start="2026-06-10 08:00", drive=_long_drive().go(70, 206).stop(30)),
    case("fatigue_night_fires", "fatigue_night", "夜间连续驾驶 2 小时 10 分钟", start="2026-06-10 22:30",
         drive=_long_drive().go(70, 130).stop(30), truth=[("fatigue_night", 2 * _HOUR, 130 * 60)]),
    case("fatigue_night_near", "fatigue_night", "夜间驾驶 1 小时 56 分钟，休息后再行",
         start="2026-06-10 22:30", drive=_long_drive().go(70, 116).stop(24).go(70, 40)),
    case("fatigue_night_near_by_day", "fatigue_night", "白天连续驾驶 2 小时 20 分钟",
         start="2026-06-10 12:00", drive=_long_drive().go(70, 140)),
    case("daily_driving_fires", "daily_driving", "24 小时内累计驾驶 8 小时 24 分钟", start="2026-06-10 06:00",
         drive=_long_drive(180).go(70, 168).stop(30).go(70, 168).stop(30).go(70, 168),
         truth=[("daily_driving", 9 * _HOUR, None)]),
    case("daily_driving_near", "daily_driving", "24 小时内累计驾驶 7 小时 48 分钟", start="2026-06-10 06:00",
         drive=_long_drive(180).go(70, 156).stop(30).go(70, 156).stop(30).go(70, 156)),
)  # fmt: skip

HOURS = (
    case("night_speed_fires", "night_speed", "夜间以 52 行驶，超过限速 60 的 80%", start="2026-05-10 23:00",
         drive=_at_speed("trunk", 52), truth=[("night_speed", 60, 180)]),
    case("night_speed_near", "night_speed", "夜间以 47 行驶", start="2026-05-10 23:00",
         drive=_at_speed("trunk", 47)),
    case("night_speed_near_by_day", "night_speed", "白天以 52 行驶", start="2026-05-10 21:50",
         drive=_at_speed("trunk", 52)),
    case("night_speed_near_switched_off", "night_speed", "规则未启用之日，夜间以 52 行驶",
         start="2026-05-12 23:00", drive=_at_speed("trunk", 52)),
    case("barred_hours_fires", "barred_hours", "凌晨 1 时满载行驶高速", start="2026-05-10 01:00",
         drive=Drive().at("expressway", 3).go(60, 5), truth=[("barred_hours", 0, None)]),
    case("barred_hours_near_empty", "barred_hours", "凌晨 1 时空车行驶高速", start="2026-05-10 01:00",
         drive=Drive().at("expressway", 3).set(load="empty").go(60, 5)),
    case("barred_hours_near_morning", "barred_hours", "6 时整起满载行驶高速", start="2026-05-10 06:00",
         drive=Drive().at("expressway", 3).go(60, 5)),
    case("barred_hours_near_short", "barred_hours", "5 时 58 分 30 秒驶上高速，6 时前不足两分钟",
         start="2026-05-10 05:58:30", drive=Drive().at("expressway", 3).go(60, 5)),
)  # fmt: skip

CASES = (*SPEED, *REST, *HOURS)
