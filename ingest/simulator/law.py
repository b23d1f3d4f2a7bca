"""The numbers that decide what a breach is, as truth and baseline take them: written anew, not from rules/.

Sources: 危险货物道路运输安全管理办法 §46 (speed), 道路交通安全法实施条例 §62(7) (rest), 记分管理办法
(bands of 20 % and 50 %); the spans of stops, silence and long stays are our own defaults. Seconds, metres,
km/h, shares.
"""

LAW = {
    "standing_kmh": 3.0,
    "serious_share": 1.2,
    "grave_share": 1.5,
    "stop_s": 600.0,
    "no_stop_s": 60.0,
    "long_stop_s": 2700.0,
    "silent_s": 600.0,
    "silent_loaded_s": 3600.0,
    "displaced_m": 2000.0,
    "rest_s": 1200.0,
    "fatigue_s": 14_400.0,
    "night_fatigue_s": 7200.0,
    "daily_s": 28_800.0,
    "site_m": 200.0,
    "site_s": 120.0,
    "back_m": 500.0,
}

# How long a breach must last before anybody may ask for an alert: what the catalogue calls hold.
HOLD_S = {
    "off_designated_road": 60.0,
    "off_corridor": 60.0,
    "route_order": 60.0,
    "barred_area": 0.0,
    "sensitive_site": 120.0,
    "tunnel_barred": 0.0,
    "illegal_stop": 600.0,
    "stop_on_no_stop": 60.0,
    "long_stop": 2700.0,
    "overspeed": 30.0,
    "overspeed_20": 10.0,
    "overspeed_50": 10.0,
    "fatigue": 0.0,
    "daily_driving": 0.0,
    "no_permit": 30.0,
    "no_waybill": 300.0,
}
