"""A terminal that fell silent while its vehicle was moving; in a tunnel it may be silent for longer."""

from hazmat.alerts import Severity
from rules.rule import Group, Receiver, TimerRule, Wording

SILENT = TimerRule(
    id="silent",
    name_zh="行驶中失联",
    name_en="Terminal silent while moving",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38; 危险货物道路运输安全管理办法 §45",
    says=Wording(
        "行驶中的车辆 {after_s} 秒无任何消息；隧道附近再加 {tunnel_s} 秒",
        "no message for {after_s} s from a truck that was moving; near a tunnel {tunnel_s} s more",
        "收到该车消息",
        "a message comes",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    limits={"after_s": 600.0, "tunnel_s": 900.0},
    unit="s",
    armed=lambda state: state.under_way,
)
