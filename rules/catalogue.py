"""The one ordered list of all rules. To add a rule: one new file, and one line here."""

import hashlib
from collections.abc import Mapping

from hazmat.registry import Registry
from hazmat.rule_settings import RuleSetting
from rules.antenna_fault import ANTENNA_FAULT
from rules.barred_area import BARRED_AREA
from rules.barred_area_ahead import BARRED_AREA_AHEAD
from rules.barred_hours import BARRED_HOURS
from rules.blacklisted import BLACKLISTED
from rules.carrier_scope import CARRIER_SCOPE
from rules.clock_wrong import CLOCK_WRONG
from rules.collision import COLLISION
from rules.corridor_edge import CORRIDOR_EDGE
from rules.daily_driving import DAILY_DRIVING
from rules.driver_certificate import DRIVER_CERTIFICATE
from rules.escort_certificate import ESCORT_CERTIFICATE
from rules.escort_missing import ESCORT_MISSING
from rules.facts import Facts
from rules.fatigue import FATIGUE
from rules.fatigue_night import FATIGUE_NIGHT
from rules.fatigue_warning import FATIGUE_WARNING
from rules.frozen_clock import FROZEN_CLOCK
from rules.frozen_position import FROZEN_POSITION
from rules.gathering import GATHERING
from rules.illegal_stop import ILLEGAL_STOP
from rules.implausible_speed import IMPLAUSIBLE_SPEED
from rules.incompatible_parked import INCOMPATIBLE_PARKED
from rules.inspection_overdue import INSPECTION_OVERDUE
from rules.jamming import JAMMING
from rules.lane_left import LANE_LEFT
from rules.lane_suspected import LANE_SUSPECTED
from rules.level_drop import LEVEL_DROP
from rules.long_stay import LONG_STAY
from rules.long_stop import LONG_STOP
from rules.night_speed import NIGHT_SPEED
from rules.no_permit import NO_PERMIT
from rules.no_waybill import NO_WAYBILL
from rules.off_corridor import OFF_CORRIDOR
from rules.off_designated_road import OFF_DESIGNATED_ROAD
from rules.offline_displacement import OFFLINE_DISPLACEMENT
from rules.offline_three_days import OFFLINE_THREE_DAYS
from rules.overload import OVERLOAD
from rules.overspeed import OVERSPEED
from rules.overspeed_20 import OVERSPEED_20
from rules.overspeed_50 import OVERSPEED_50
from rules.park_full import PARK_FULL
from rules.permit_expiring import PERMIT_EXPIRING
from rules.power_cut import POWER_CUT
from rules.rollover import ROLLOVER
from rules.route_order import ROUTE_ORDER
from rules.rule import Definition, Rule, RuleError, TimerRule, TogetherRule
from rules.sensitive_site import SENSITIVE_SITE
from rules.settings import RuleTable
from rules.signals import Signals
from rules.silent import SILENT
from rules.silent_loaded import SILENT_LOADED
from rules.sos import SOS
from rules.speed_warning import SPEED_WARNING
from rules.stop_on_no_stop import STOP_ON_NO_STOP
from rules.tank_overpressure import TANK_OVERPRESSURE
from rules.tank_pressure import TANK_PRESSURE
from rules.tank_temperature import TANK_TEMPERATURE
from rules.tank_unfit import TANK_UNFIT
from rules.too_close import TOO_CLOSE
from rules.toxic_permit import TOXIC_PERMIT
from rules.tunnel_ahead import TUNNEL_AHEAD
from rules.tunnel_barred import TUNNEL_BARRED
from rules.two_places import TWO_PLACES
from rules.unusual_stop import UNUSUAL_STOP
from rules.valve_open import VALVE_OPEN
from rules.waybill_mismatch import WAYBILL_MISMATCH
from rules.waybill_place import WAYBILL_PLACE
from rules.waybill_quantity import WAYBILL_QUANTITY
from rules.waybill_reused import WAYBILL_REUSED
from rules.waybill_time import WAYBILL_TIME

RULES: tuple[Rule[Facts], ...] = (
    OFF_DESIGNATED_ROAD,
    LANE_SUSPECTED,
    LANE_LEFT,
    OFF_CORRIDOR,
    ROUTE_ORDER,
    CORRIDOR_EDGE,
    BARRED_AREA,
    BARRED_AREA_AHEAD,
    SENSITIVE_SITE,
    TUNNEL_BARRED,
    TUNNEL_AHEAD,
    ILLEGAL_STOP,
    STOP_ON_NO_STOP,
    LONG_STOP,
    LONG_STAY,
    OVERSPEED,
    OVERSPEED_20,
    OVERSPEED_50,
    SPEED_WARNING,
    FATIGUE,
    FATIGUE_NIGHT,
    FATIGUE_WARNING,
    DAILY_DRIVING,
    NIGHT_SPEED,
    BARRED_HOURS,
    NO_WAYBILL,
    WAYBILL_TIME,
    WAYBILL_MISMATCH,
    WAYBILL_QUANTITY,
    WAYBILL_PLACE,
    WAYBILL_REUSED,
    TANK_UNFIT,
    INSPECTION_OVERDUE,
    DRIVER_CERTIFICATE,
    ESCORT_MISSING,
    ESCORT_CERTIFICATE,
    NO_PERMIT,
    TOXIC_PERMIT,
    PERMIT_EXPIRING,
    BLACKLISTED,
    CARRIER_SCOPE,
    IMPLAUSIBLE_SPEED,
    FROZEN_POSITION,
    TWO_PLACES,
)
SIGNAL_RULES: tuple[Rule[Signals], ...] = (
    OFFLINE_DISPLACEMENT,
    FROZEN_CLOCK,
    POWER_CUT,
    ANTENNA_FAULT,
    JAMMING,
    CLOCK_WRONG,
    TANK_TEMPERATURE,
    TANK_PRESSURE,
    TANK_OVERPRESSURE,
    LEVEL_DROP,
    VALVE_OPEN,
    OVERLOAD,
    SOS,
    COLLISION,
    ROLLOVER,
)
TIMER_RULES: tuple[TimerRule, ...] = (SILENT, SILENT_LOADED, OFFLINE_THREE_DAYS)
TOGETHER_RULES: tuple[TogetherRule, ...] = (
    TOO_CLOSE,
    GATHERING,
    PARK_FULL,
    INCOMPATIBLE_PARKED,
    UNUSUAL_STOP,
)

_ALL: tuple[Definition, ...] = (*RULES, *SIGNAL_RULES, *TIMER_RULES, *TOGETHER_RULES)
CATALOGUE: Mapping[str, Definition] = {rule.id: rule for rule in _ALL}
NEEDS_OF_RULES = {rule.id: tuple(need.value for need in rule.needs) for rule in _ALL}  # to check a trip
_VERSIONS = ",".join(f"{rule.id}:{rule.version}" for rule in _ALL)
RULES_VERSION = hashlib.sha256(_VERSIONS.encode()).hexdigest()[:16]  # a checkpoint of other rules is not read


def rule_table(registry: Registry) -> RuleTable:
    """The rules' numbers in every version; RuleError for a setting of the registry that no rule can take."""
    return registry.derived(_table)


def setting_fault(setting: RuleSetting) -> str:
    """Why no rule can take this setting; empty if one can."""
    try:
        RuleTable.of(_ALL, (setting,))
    except RuleError as error:
        return str(error).removeprefix("rule_settings[0] ")
    return ""


def _table(registry: Registry) -> RuleTable:
    return RuleTable.of(_ALL, registry.world.rule_settings)
