"""What the numbers of the rules are called, for the page on which they are changed."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.i18n import N_

LIMIT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "above_kmh": N_("Only above this speed"),
        "accuracy_m": N_("Accuracy of the fix at least"),
        "after_h": N_("After so many hours"),
        "after_s": N_("After so long without a message"),
        "ahead_m": N_("Distance ahead"),
        "ahead_s": N_("Time ahead"),
        "apart_in_tunnel_m": N_("Distance apart in a tunnel"),
        "apart_m": N_("Distance apart"),
        "away_s": N_("Away from the plant for at least"),
        "back_m": N_("Driven back along the route"),
        "back_probability": N_("Cleared below this probability"),
        "barred_from_h": N_("Barred from (hour of the day)"),
        "barred_to_h": N_("Barred until (hour of the day)"),
        "behind_s": N_("Clock behind by at least"),
        "beside_m": N_("Off the carriageway by at least"),
        "carried_s": N_("A place is carried on for at most"),
        "clear_below_h": N_("Cleared below (hours)"),
        "clear_below_kmh": N_("Cleared when slower by"),
        "clear_below_pct": N_("Cleared below (per cent)"),
        "clear_m": N_("Cleared at this distance"),
        "clear_per_10_min_c": N_("Cleared below this rise in 10 minutes"),
        "clear_share": N_("Cleared below this share"),
        "clear_within_c": N_("Cleared when back inside by"),
        "creeping_fresh_s": N_("Fix of a creeping vehicle at most so old"),
        "days": N_("Days before the end"),
        "drift_m": N_("Drift of the receiver allowed for"),
        "driven_km": N_("Driven meanwhile at least"),
        "early_s": N_("Before the waybill begins by at most"),
        "edge_share": N_("Share of the half width"),
        "empty_pct": N_("Counts as empty below"),
        "expressway_kmh": N_("Limit on expressways"),
        "free_at_ends_m": N_("Free at both ends of the route"),
        "fresh_s": N_("Fix at most so old"),
        "from_pct": N_("From so many per cent"),
        "good_m": N_("A good fix is better than"),
        "good_times": N_("Good fixes: errors allowed for"),
        "leave_m": N_("Cleared when farther by"),
        "level_part": N_("Tolerance as a part of the load"),
        "level_t": N_("Tolerance in tonnes"),
        "listened_s": N_("We have been listening for at least"),
        "lost_pct": N_("Level lost"),
        "margin_s": N_("Margin around the waybill"),
        "moved_m": N_("Moved meanwhile by at least"),
        "moving_kmh": N_("Counts as moving above"),
        "near_m": N_("Nearer than"),
        "night_from_h": N_("Night begins (hour of the day)"),
        "night_pct": N_("Share of the limit at night"),
        "night_to_h": N_("Night ends (hour of the day)"),
        "other_kmh": N_("Limit on other roads"),
        "over_part": N_("Above the approved load by (part)"),
        "over_pct": N_("Above the limit by (per cent)"),
        "parked_s": N_("Parked for at least"),
        "passed_within_s": N_("Passed within"),
        "passers": N_("Vehicles that passed"),
        "per_10_min_c": N_("Rise in 10 minutes"),
        "planned_h": N_("Stay where none is planned"),
        "points": N_("Penalty points"),
        "points_expressway": N_("Penalty points on expressways"),
        "points_other": N_("Penalty points on other roads"),
        "points_other_from_pct": N_("Points on other roads from (per cent)"),
        "poor_times": N_("Poor fixes: errors allowed for"),
        "probability": N_("From this probability"),
        "quiet_s": N_("Silent for at least"),
        "rest_kmh": N_("Counts as standing below"),
        "rest_min": N_("A rest lasts at least"),
        "same_way_deg": N_("Headings differ by at most"),
        "stood_s": N_("Stood for at least"),
        "stretch_m": N_("Over a stretch of"),
        "three_within_s": N_("Three leaps within"),
        "times_planned": N_("Times the planned stay"),
        "tolerance_kmh": N_("Tolerance of the speed"),
        "tolerance_pct": N_("Tolerance (per cent)"),
        "tunnel_s": N_("In a tunnel, silent for at least"),
        "twice_within_s": N_("Twice within"),
        "up_to_kmh": N_("Counts as halted up to"),
        "vehicles": N_("Vehicles at least"),
        "within_kmh": N_("Nearer to the limit than"),
        "within_m": N_("Within a radius of"),
    }
)
SPAN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "hold_s": N_("Hold: for so long"),
        "hold_fixes": N_("Hold: for so many fixes"),
        "clear_s": N_("Clearing: for so long"),
        "clear_fixes": N_("Clearing: for so many fixes"),
        "gap_s": N_("Not continued after a gap of"),
        "cool_down_s": N_("Not told again for"),
    }
)
_UNITS = {
    "kmh": "km/h", "m": "m", "s": "s", "h": "h", "min": "min", "pct": "%", "km": "km", "t": "t", "c": "°C",
    "deg": "°",
}  # fmt: skip


def unit_of(name: str) -> str:
    """The unit that a number's name ends with; empty: it has none."""
    return _UNITS.get(name.rpartition("_")[2], "") if "_" in name else ""
