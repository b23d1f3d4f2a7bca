"""Rules as definitions: an impossible one fails at load, the registry may change their numbers in time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rules
from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from hazmat.registry import Registry, World
from hazmat.rule_settings import RuleSetting
from rules.catalogue import CATALOGUE, RULES, rule_table
from rules.facts import Facts
from rules.overspeed import OVERSPEED
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule, RuleError, TimerRule
from tests.fold import Fold
from tests.town import EXPRESSWAY_Y, NOON, positions, town


def _never(positions: Positions, _: Facts, __: Limits) -> Mask:
    return np.zeros(len(positions), bool)


def define(**changes: Any) -> Rule[Facts]:
    given: dict[str, Any] = {
        "id": "some_rule", "name_zh": "某规则", "name_en": "Some rule", "group": Group.PLACE,
        "severity": Severity.BLUE, "basis": "某法 §1", "receivers": (Receiver.DRIVER,), "condition": _never,
    }  # fmt: skip
    return Rule[Facts](**given | changes)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hold", Hold(seconds=-1)),
        ("hold", Hold(seconds=float("nan"))),
        ("hold", Hold(fixes=0)),
        ("hold", Hold(seconds=400)),  # longer than the gap, with a single fix: it could never fire
        ("clear", Clear(seconds=-1)),
        ("gap_s", 0.0),
        ("cool_down_s", -1.0),
        ("late_s", 0.0),
        ("receivers", ()),
        ("receivers", ("the_mayor",)),
        ("basis", " "),
        ("name_zh", ""),
        ("severity", "purple"),
        ("limits", {"speed_kmh": float("nan")}),
        ("id", "ein_sehr_langer_name_der_nirgends_hineinpasst"),
    ],
)
def test_an_impossible_definition_fails_with_its_file_and_field(field: str, value: object) -> None:
    with pytest.raises(RuleError) as caught:
        define(**{field: value})
    assert __file__ in str(caught.value)
    assert f"{field}: " in str(caught.value)


def test_a_timer_without_a_deadline_fails() -> None:
    with pytest.raises(RuleError, match="after_s"):
        TimerRule(
            id="x", name_zh="某", name_en="x", group=Group.DEVICE, severity=Severity.BLUE, basis="某法",
            receivers=(Receiver.CARRIER,), armed=lambda state: state.under_way,
        )  # fmt: skip


def test_the_definitions_are_whole() -> None:
    assert len(CATALOGUE) >= 47
    for rule_id, rule in CATALOGUE.items():
        assert rule_id == rule.id
        assert rule.says.what_zh and rule.says.what_en, rule_id
        assert rule.says.what("zh", rule.limits) and rule.says.ends("en", rule.limits)
        assert not rule.warns_of or rule.warns_of in CATALOGUE, rule_id
        assert not rule.for_driver_only or rule.severity is Severity.BLUE, rule_id


def fast(speed_kmh: float, steps: int = 40) -> Positions:
    t_s = np.arange(steps) * 10.0
    return positions(
        t_s=t_s, x_m=1500 + np.cumsum(np.full(steps, speed_kmh / 3.6 * 10)), y_m=EXPRESSWAY_Y,
        speed_kmh=speed_kmh, heading_deg=90.0,
    )  # fmt: skip


def settled(*settings: RuleSetting) -> Registry:
    return Registry(replace(town().world, rule_settings=settings), 2)


def fired(registry: Registry, fixes: Positions, rule_id: str) -> list[Any]:
    found = Fold(registry).feed(fixes).alerts.values()
    return [alert for alert in found if alert.rule_id == rule_id]


def test_the_registry_may_change_a_limit_from_a_moment_on() -> None:
    change = RuleSetting(
        rule_id="overspeed", valid_from=NOON + timedelta(seconds=200), limits={"expressway_kmh": 100.0}
    )
    one = fired(settled(change), fast(92.0), "overspeed")
    assert [alert.state.value for alert in one] == ["resolved"]
    assert one[0].resolved_at is not None
    assert one[0].resolved_at >= NOON + timedelta(seconds=200)
    assert one[0].evidence["limit_expressway_kmh"] == 80.0
    assert [alert.state.value for alert in fired(town(), fast(92.0), "overspeed")] == ["firing"]


def test_a_rule_switched_off_tells_nothing_and_ends_what_is_open() -> None:
    always = RuleSetting(rule_id="overspeed", valid_from=NOON - timedelta(days=1), enabled=False)
    assert fired(settled(always), fast(92.0), "overspeed") == []
    later = replace(always, valid_from=NOON + timedelta(seconds=200))
    assert [alert.state.value for alert in fired(settled(later), fast(92.0), "overspeed")] == ["resolved"]


def test_a_hold_may_be_lengthened() -> None:
    longer = RuleSetting(rule_id="overspeed", valid_from=NOON - timedelta(days=1), hold_s=120.0)
    (alert,) = fired(settled(longer), fast(92.0), "overspeed")
    assert alert.fired_at - alert.opened_at == timedelta(seconds=120)
    assert alert.evidence["hold_s"] == 120.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule_id": "no_such_rule"}, "rule_id"),
        ({"limits": {"expresway_kmh": 80.0}}, "expresway_kmh"),
        ({"hold_s": -5.0}, "hold"),
        ({"gap_s": 0.0}, "gap_s"),
        ({"rule_id": "silent", "hold_s": 3.0}, "hold_s"),
        ({"rule_id": "silent", "limits": {"after_s": 0.0}}, "after_s"),
    ],
)
def test_a_setting_that_no_rule_can_take_is_refused_by_row_and_field(
    changes: dict[str, Any], said: str
) -> None:
    setting = RuleSetting(**{"rule_id": "overspeed", "valid_from": NOON, **changes})
    good = RuleSetting(rule_id="overspeed", valid_from=NOON)
    with pytest.raises(RuleError) as caught:
        rule_table(Registry(World(rule_settings=(good, setting))))
    assert "rule_settings[1]" in str(caught.value)
    assert said in str(caught.value)


def test_cool_down_keeps_a_repeated_alert_quiet_and_no_longer() -> None:
    """Speeding, slow, speeding again: with a cool-down of 300 s the second is told when that is over."""
    cool = RuleSetting(rule_id="overspeed", valid_from=NOON - timedelta(days=1), cool_down_s=300.0)
    speed = np.concatenate([np.full(8, 92.0), np.full(6, 60.0), np.full(40, 92.0)])
    t_s = np.arange(len(speed)) * 10.0
    fixes = positions(
        t_s=t_s, x_m=500 + np.cumsum(speed / 3.6 * 10), y_m=EXPRESSWAY_Y, speed_kmh=speed, heading_deg=90.0
    )
    first, second = sorted(fired(settled(cool), fixes, "overspeed"), key=lambda alert: alert.opened_at)
    assert first.resolved_at is not None
    assert second.fired_at - first.resolved_at == timedelta(seconds=300)
    assert second.opened_at - first.resolved_at < timedelta(seconds=100)
    plain = sorted(fired(town(), fixes, "overspeed"), key=lambda alert: alert.opened_at)
    assert plain[1].fired_at - plain[1].opened_at <= timedelta(seconds=40)
    for step in (1, 3):
        cut = Fold(settled(cool)).feed_cut(fixes, list(range(step, len(fixes), step)))
        assert {a.fired_at for a in cut.alerts.values() if a.rule_id == "overspeed"} == {
            first.fired_at, second.fired_at
        }  # fmt: skip


def test_a_fix_that_comes_long_after_its_time_is_evidence_and_no_live_warning() -> None:
    fixes = fast(92.0)
    late = Positions(**fixes.columns() | {"received_at": fixes.received_at + np.timedelta64(3600, "s")})
    assert [alert.retrospective for alert in fired(town(), fixes, "overspeed")] == [False]
    assert [alert.retrospective for alert in fired(town(), late, "overspeed")] == [True]


def test_every_rule_has_a_file_of_its_own() -> None:
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")}
    assert set(CATALOGUE) <= files
    assert OVERSPEED in RULES
