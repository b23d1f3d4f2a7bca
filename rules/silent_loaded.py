"""A loaded tanker whose terminal has been silent for an hour, wherever it stands but in a plant or park."""

from hazmat.alerts import Severity
from rules.rule import Group, Receiver, TimerRule, Wording

SILENT_LOADED = TimerRule(
    id="silent_loaded",
    name_zh="载货失联",
    name_en="Terminal silent while loaded",
    group=Group.DEVICE,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §45; 道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "载货车辆不在装卸点、停车场或服务区内，{after_s} 秒无任何消息",
        "no message for {after_s} s from a loaded truck that was in no plant, park or service area",
        "收到该车消息",
        "a message comes",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    limits={"after_s": 3600.0, "listened_s": 600.0},
    unit="s",
    armed=lambda state: state.loaded & ~state.at_stop_place,
)
