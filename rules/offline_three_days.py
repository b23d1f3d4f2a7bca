"""A registered vehicle that was heard before, and has not been for three days."""

from hazmat.alerts import Severity
from rules.rule import Group, Need, Receiver, TimerRule, Wording

OFFLINE_THREE_DAYS = TimerRule(
    id="offline_three_days",
    name_zh="三天未上线",
    name_en="Not online for three days",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37",
    says=Wording(
        "曾经上线的在册车辆 {after_s} 秒（三天）无任何消息",
        "no message for {after_s} s from a registered vehicle that was heard before",
        "收到该车消息",
        "a message comes",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    limits={"after_s": 259200.0, "listened_s": 3600.0},
    unit="s",
    jt809=0xD304,
    needs=(Need.VEHICLE,),
    armed=lambda state: state.loaded | ~state.loaded,  # whatever it was doing
)
