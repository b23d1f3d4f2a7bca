"""Cases of the place rules: roads, corridors, areas, tunnels and stops."""

from ingest.simulator.script import Drive
from ingest.simulator.scripted.case import case

_TRUNK_ROUTE = [{"route_id": "route.trunk"}]
_BENT_ROUTE = [{"route_id": "route.bent"}]
_CAUSTIC = {"un_no": "UN1824", "goods_name": "氢氧化钠溶液", "hazard_class": "8"}

ROADS = (
    case("off_designated_road_fires", "off_designated_road", "满载行驶辅路三分钟",
         drive=Drive().at("service", 2).go(30, 3), truth=[("off_designated_road", 0, None)]),
    case("off_designated_near_empty", "off_designated_road", "空车行驶辅路三分钟",
         drive=Drive().at("service", 2).set(load="empty").go(30, 3)),
    case("off_designated_near_short", "off_designated_road", "满载绕行路外约 40 秒后驶回",
         drive=Drive().at("trunk", 5.2).go(45, 1).along((6100, 10120), (6300, 9991), kmh=40)
         .turn("trunk").go(45, 1)),
    case("off_designated_near_noise", "off_designated_road", "指定道路外侧车道，定位误差 5 米",
         drive=Drive(error_m=5.0, accuracy_m=10.0).at("trunk", 5).go(45, 5)),
    case("lane_suspected_fires", "lane_suspected lane_left", "高精度终端，长时间占用左侧车道",
         drive=Drive(error_m=0.4, accuracy_m=1.0).at("trunk", 3, lane=1).go(50, 4),
         truth=[("lane_suspected", 0, None), ("lane_left", 0, None)]),
    case("lane_suspected_near_short", "lane_suspected lane_left", "高精度终端，借左侧车道约 200 米超车",
         drive=Drive(error_m=0.4, accuracy_m=1.0).at("trunk", 3).go(50, 1).shift(5.6).go(50, 0.25)
         .shift(9.375).go(50, 1)),
    case("lane_suspected_near_poor_fix", "lane_suspected lane_left", "普通终端在指定车道内，误差 5 米",
         drive=Drive(error_m=5.0, accuracy_m=10.0).at("trunk", 3).go(50, 4)),
)  # fmt: skip

CORRIDOR = (
    case("off_corridor_fires", "off_corridor", "行驶另一条指定道路，离开运单路线走廊",
         drive=Drive().at("street", 3).go(45, 3), waybills=_BENT_ROUTE,
         truth=[("off_corridor", 0, None, "route.bent")]),
    case("off_corridor_near_error", "off_corridor corridor_edge", "走廊边缘外 2 米，在定位误差以内",
         drive=Drive(error_m=0.0).at_xy(300, 10052).go(40, 2), waybills=_BENT_ROUTE),
    case("off_corridor_near_short", "off_corridor", "离开走廊约 40 秒后返回", waybills=_BENT_ROUTE,
         drive=Drive(error_m=0.0).at("trunk", 0.3).go(40, 1)
         .along((1100, 10150), (1250, 10150), (1350, 9991), kmh=50).turn("trunk").go(40, 0.5)),
    case("corridor_edge_fires", "corridor_edge", "走廊内逐渐偏向边缘", waybills=_BENT_ROUTE,
         drive=Drive(interval_s=5, error_m=0.0).at_xy(900, 10022).along((1400, 10049), kmh=40),
         truth=[("corridor_edge", 22, None)]),
    case("corridor_edge_near", "corridor_edge", "走廊内稍有偏移，未到提醒值", waybills=_BENT_ROUTE,
         drive=Drive(interval_s=5, error_m=0.0).at_xy(900, 10022).along((1400, 10034), kmh=40)),
    case("corridor_edge_near_parallel", "corridor_edge", "走廊内靠边平行行驶，未向外偏", waybills=_BENT_ROUTE,
         drive=Drive(error_m=0.0).at_xy(300, 10042).go(40, 2)),
    case("route_order_fires", "route_order", "在运单路线上逆向行驶 2.5 公里", waybills=_TRUNK_ROUTE,
         drive=Drive().at("trunk", 12, back=True).go(50, 3), truth=[("route_order", 36, None)]),
    case("route_order_near", "route_order", "逆向行驶 450 米后掉头", waybills=_TRUNK_ROUTE,
         drive=Drive().at("trunk", 12).go(45, 1).turn_round().go(45, km=0.45).turn_round().go(45, 2)),
)  # fmt: skip

_OLD_TOWN, _AHEAD = "barred.old_town", "barred_area_ahead"
AREAS = (
    case("barred_area_fires", "barred_area barred_area_ahead", "满载穿越老城禁行区",
         drive=Drive().at("street", 6.2).go(50, km=2.6),
         truth=[(_AHEAD, 22, 58, _OLD_TOWN), ("barred_area", 58, 130, _OLD_TOWN)]),
    case("barred_area_near_permit", "barred_area barred_area_ahead", "持有该区域通行证穿越",
         drive=Drive().at("street", 6.2).go(50, km=2.6), permits=[{"roads": (_OLD_TOWN,)}]),
    case("barred_area_fires_crossing", "barred_area", "两次定位之间穿越窄禁行带",
         drive=Drive(error_m=0.0).at("street", 16.937).go(55, 1),
         truth=[(_AHEAD, 0, 24, "barred.narrow"), ("barred_area", 24, 28, "barred.narrow")]),
    case("barred_area_fires_hours", "barred_area", "限时区时段内通过", start="2026-06-10 08:30",
         drive=Drive().at("street", 9.05).go(40, 1), truth=[("barred_area", 0, 32, "barred.market")]),
    case("barred_area_near_hours", "barred_area barred_area_ahead", "限时区时段刚过即通过",
         start="2026-06-10 09:00", drive=Drive().at("street", 8.6).go(40, 2)),
    case("barred_area_fires_class", "barred_area", "载运液化石油气进入禁运毒气区",
         drive=Drive().at("street", 11.05).go(40, 1),
         waybills=[{"un_no": "UN1075", "goods_name": "液化石油气", "hazard_class": "2.1"}],
         truth=[("barred_area", 0, 32, "barred.gas")]),
    case("barred_area_near_class", "barred_area barred_area_ahead", "载运汽油通过禁运毒气区",
         drive=Drive().at("street", 10.6).go(40, 2)),
    case("barred_area_fires_workday", "barred_area", "工作日进入节假日除外禁行区", start="2026-06-18 10:00",
         drive=Drive().at("street", 16.52).go(40, 0.4), truth=[("barred_area", 0, 32, "barred.workday")]),
    case("barred_area_near_holiday", "barred_area barred_area_ahead", "端午节通过节假日除外禁行区",
         start="2026-06-19 10:00", drive=Drive().at("street", 16.3).go(40, 0.7)),
    case("barred_area_fires_weekend", "barred_area", "周六进入周末禁行区", start="2026-06-13 10:00",
         drive=Drive().at("street", 15.05).go(40, 1), truth=[("barred_area", 0, 32, "barred.weekend")]),
    case("barred_area_ahead_fires", "barred_area_ahead", "驶向老城禁行区，提醒后掉头",
         drive=Drive().at("street", 6.1).go(45, km=0.7).turn_round().go(45, 1),
         truth=[(_AHEAD, 32, 56, _OLD_TOWN)]),
    case("barred_area_ahead_near", "barred_area_ahead", "距老城禁行区 550 米处掉头",
         drive=Drive().at("street", 5.95).go(45, km=0.5).turn_round().go(45, 1)),
    case("sensitive_site_fires", "sensitive_site", "上课时间在学校旁停留 4 分钟",
         drive=Drive().at("street", 4.6).go(40, km=0.5).stop(4).go(40, 1),
         truth=[("sensitive_site", 45, 285, "school")]),
    case("sensitive_site_near_short", "sensitive_site", "上课时间在学校旁停留 100 秒",
         drive=Drive().at("street", 4.6).go(40, km=0.5).stop(100 / 60).go(40, 1)),
    case("sensitive_site_near_passing", "sensitive_site", "沿指定道路通过学校",
         drive=Drive().at("street", 4.6).go(40, 2)),
    case("sensitive_site_near_hours", "sensitive_site", "放学后在学校旁停留 4 分钟", start="2026-06-10 17:00",
         drive=Drive().at("street", 4.6).go(40, km=0.5).stop(4).go(40, 1)),
    case("sensitive_site_near_far", "sensitive_site", "距学校 240 米处停留 4 分钟",
         drive=Drive().at("street", 4.6).go(40, km=0.82).stop(4).go(40, 1)),
)  # fmt: skip

_BARRED_TUNNEL = "tunnel.barred"
TUNNELS = (
    case("tunnel_barred_fires", "tunnel_barred tunnel_ahead", "满载汽油驶入 D 类隧道",
         drive=Drive().at("north", 7.5).go(50, km=2),
         truth=[("tunnel_ahead", 0, 36, _BARRED_TUNNEL), ("tunnel_barred", 36, 108, _BARRED_TUNNEL)]),
    case("tunnel_barred_near_goods", "tunnel_barred tunnel_ahead", "载运烧碱溶液（隧道代码 E）通过 D 类隧道",
         drive=Drive().at("north", 7.5).go(50, km=2), waybills=[_CAUSTIC]),
    case("tunnel_barred_near_empty", "tunnel_barred tunnel_ahead", "空车通过 D 类隧道",
         drive=Drive().at("north", 7.5).set(load="empty").go(50, km=2)),
    case("tunnel_barred_near_category", "tunnel_barred tunnel_ahead", "满载汽油通过 A 类隧道",
         drive=Drive(interval_s=20).at("north", 11.5).go(50, km=4.5)),
    case("tunnel_ahead_fires", "tunnel_ahead", "驶向 D 类隧道，提醒后掉头",
         drive=Drive().at("north", 6.7).go(45, km=1).turn_round().go(45, 1),
         truth=[("tunnel_ahead", 24, 80, _BARRED_TUNNEL)]),
    case("tunnel_ahead_near", "tunnel_ahead", "距隧道 1.1 公里处掉头",
         drive=Drive().at("north", 6.4).go(45, km=0.5).turn_round().go(45, 1)),
)  # fmt: skip

STOPS = (
    case("illegal_stop_fires", "illegal_stop", "满载在路上停车 12 分钟",
         drive=Drive(interval_s=20).at("trunk", 5).go(45, 1).stop(12).go(45, 1),
         truth=[("illegal_stop", 60, 780)]),
    case("illegal_stop_near", "illegal_stop", "满载在路上停车 9 分 40 秒",
         drive=Drive(interval_s=20).at("trunk", 5).go(45, 1).stop(9 + 2 / 3).go(45, 1)),
    case("illegal_stop_near_park", "illegal_stop", "在危化品停车场停车 15 分钟",
         drive=Drive(interval_s=30).at_xy(10000, 10600).stop(15)),
    case("illegal_stop_near_empty", "illegal_stop", "空车在路上停车 12 分钟",
         drive=Drive(interval_s=20).at("trunk", 5).set(load="empty").go(45, 1).stop(12).go(45, 1)),
    case("stop_on_no_stop_fires", "stop_on_no_stop", "在桥上停车两分钟",
         drive=Drive().at("trunk", 12.95).go(45, km=0.4).stop(2).go(45, 1),
         truth=[("stop_on_no_stop", 32, 152)]),
    case("stop_on_no_stop_near", "stop_on_no_stop", "在桥上停车 50 秒",
         drive=Drive().at("trunk", 12.95).go(45, km=0.4).stop(50 / 60).go(45, 1)),
    case("long_stop_fires", "long_stop", "在服务区停车 50 分钟",
         drive=Drive(interval_s=60).at_xy(12700, 9900).stop(50), truth=[("long_stop", 0, None)]),
    case("long_stop_near", "long_stop", "在服务区停车 44 分钟",
         drive=Drive(interval_s=60).at_xy(12700, 9900).stop(44)),
    case("long_stay_fires", "long_stay", "计划在镇 0.5 小时，实际 75 分钟未离开",
         drive=Drive(interval_s=60).at_xy(10000, 10600).stop(75), waybills=[{"planned_stay_h": 0.5}],
         truth=[("long_stay", 3600, None)]),
    case("long_stay_near", "long_stay", "计划在镇 0.5 小时，实际 58 分钟",
         drive=Drive(interval_s=60).at_xy(10000, 10600).stop(58), waybills=[{"planned_stay_h": 0.5}]),
)  # fmt: skip

CASES = (*ROADS, *CORRIDOR, *AREAS, *TUNNELS, *STOPS)
