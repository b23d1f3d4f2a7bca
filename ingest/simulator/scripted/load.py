"""Cases of the load rules: what the sensors of the tank say."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_USUAL = {"tank_level_pct": 80.0, "tank_temp_c": 20.0, "tank_pressure_kpa": 120.0, "valve_open": False}


def _reading(minutes: float = 2.0, **fields: object) -> Drive:
    """Two minutes as usual, then with these readings."""
    return Drive(interval_s=20).at("trunk", 3).set(**_USUAL).go(45, 2).set(**fields).go(45, minutes)


TANK = (
    case("tank_temperature_fires", "tank_temperature", "罐温 52 度，上限 50 度",
         drive=Drive(interval_s=20).at("trunk", 3).set(tank_temp_c=52.0).go(45, 4),
         truth=[("tank_temperature", 0, None)]),
    case("tank_temperature_fires_rate", "tank_temperature", "10 分钟内罐温上升 4 度",
         drive=Drive(interval_s=30).at("trunk", 3).set(tank_temp_c=20.0).go(45, 2)
         .ramp("tank_temp_c", 20, 26, 15, kmh=45), truth=[("tank_temperature", 420, None)]),
    case("tank_temperature_near", "tank_temperature", "罐温 49.5 度，上限 50 度",
         drive=Drive(interval_s=20).at("trunk", 3).set(tank_temp_c=49.5).go(45, 4)),
    case("tank_temperature_near_rate", "tank_temperature", "10 分钟内罐温上升 1.8 度",
         drive=Drive(interval_s=30).at("trunk", 3).ramp("tank_temp_c", 20, 22.7, 15, kmh=45)),
    case("tank_temperature_near_single", "tank_temperature", "两次读数 60 度，传感器跳变后恢复",
         drive=_reading(2 / 3, tank_temp_c=60.0).set(tank_temp_c=20.0).go(45, 2)),
    case("tank_pressure_fires", "tank_pressure tank_overpressure", "罐压为整定压力的 91%",
         drive=_reading(4, tank_pressure_kpa=364.0), truth=[("tank_pressure", 120, None)]),
    case("tank_pressure_near", "tank_pressure", "罐压为整定压力的 89%",
         drive=_reading(4, tank_pressure_kpa=356.0)),
    case("tank_overpressure_fires", "tank_overpressure", "罐压达到整定压力",
         drive=_reading(4, tank_pressure_kpa=401.0),
         truth=[("tank_pressure", 120, None), ("tank_overpressure", 120, None)]),
    case("tank_overpressure_near", "tank_overpressure", "罐压为整定压力的 99%",
         drive=_reading(4, tank_pressure_kpa=396.0), truth=[("tank_pressure", 120, None)]),
    case("level_drop_fires", "level_drop", "行驶中液位 5 分钟下降 5%",
         drive=_reading().ramp("tank_level_pct", 80, 75, 5, kmh=45).go(45, 3),
         truth=[("level_drop", 360, None)]),
    case("level_drop_near", "level_drop", "行驶中液位缓降 1.8%",
         drive=_reading().ramp("tank_level_pct", 80, 78.2, 5, kmh=45).go(45, 3)),
    case("level_drop_near_plant", "level_drop", "在厂内卸货",
         drive=Drive(interval_s=30).at_xy(16000, 10600).set(**_USUAL).stop(3)
         .ramp("tank_level_pct", 80, 40, 8).stop(2)),
    case("valve_open_fires", "valve_open", "行驶中阀门开启两分钟", drive=_reading(2, valve_open=True),
         truth=[("valve_open", 120, None)]),
    case("valve_open_near", "valve_open", "阀门信号 20 秒后消失",
         drive=Drive().at("trunk", 3).set(valve_open=False).go(45, 1).set(valve_open=True).go(45, 1 / 3)
         .set(valve_open=False).go(45, 1)),
    case("valve_open_near_plant", "valve_open", "在厂内开阀 5 分钟",
         drive=Drive(interval_s=30).at_xy(16000, 10600).set(valve_open=True).stop(5)),
)  # fmt: skip

_ACID = {"un_no": "UN1830", "goods_name": "硫酸", "hazard_class": "8"}
OVERLOAD = (
    case("overload_fires", "overload", "硫酸液位 60%，约 44 吨，核定 30 吨",
         drive=Drive(interval_s=20).at("trunk", 3).set(tank_level_pct=60.0).go(45, 3), waybills=[_ACID],
         truth=[("overload", 0, None), ("waybill_quantity", 0, None)]),
    case("overload_near", "overload", "硫酸液位 41%，约 30.0 吨，核定 30 吨",
         drive=Drive(interval_s=20).at("trunk", 3).set(tank_level_pct=41.0).go(45, 3),
         waybills=[{**_ACID, "quantity_t": 29.8}]),
)  # fmt: skip

CASES = (*TANK, *OVERLOAD)
