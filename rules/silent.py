"""A terminal that fell silent while its vehicle was moving."""

from hazmat.alerts import Severity
from rules.rule import Group, Receiver, TimerRule

SILENT = TimerRule(
    id="silent",
    name_zh="行驶中失联",
    name_en="Terminal silent while moving",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38; 危险货物道路运输安全管理办法 §45",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    limits={"after_s": 600.0},
    unit="s",
    armed=lambda state: state.under_way,
)
