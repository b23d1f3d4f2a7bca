"""What those who are called to an accident must know of the load, from its waybill."""

import numpy as np

from hazmat.alerts import Fact
from hazmat.goods import Goods, goods_table
from hazmat.registry import Registry
from rules.daytime import between_hours

# The Guidebook's night is from sunset to sunrise; between the seasons' earliest and latest the greater
# distance, that of the night, is told.
DARK_FROM_H, DARK_TO_H = 17.0, 7.0


def hazard_facts(registry: Registry, vehicle: int, waybill: int, time: np.datetime64) -> dict[str, Fact]:
    """Load, ERG guide and distances of a waybill's goods at that time; rows of the registry, -1: none.

    Without a waybill what the tank may carry is told instead.
    """
    dark = bool(between_hours(np.array([time]), DARK_FROM_H, DARK_TO_H)[0])
    if waybill < 0:
        media = registry.world.vehicles[vehicle].tank_media if vehicle >= 0 else ()
        return {"tank_media": ", ".join(media) or None, "dark": dark}
    paper, row = registry.world.waybills[waybill], int(registry.waybill_goods[waybill])
    known = _distances(goods_table().goods[row], dark) if row >= 0 else {"erg_guide": None}
    return {
        "quantity_t": paper.quantity_t,
        "escort_id": paper.escort_id or None,
        "consignor": paper.consignor,
        "consignee": paper.consignee,
        "dark": dark,
        **known,
    }


def _distances(goods: Goods, dark: bool) -> dict[str, Fact]:
    protect = goods.protect_night_km if dark else goods.protect_day_km
    low, moderate, high = protect or (None, None, None)
    return {
        "goods_name_en": goods.name_en,
        "erg_guide": goods.erg_guide,
        "isolation_m": goods.isolation_m,
        "downwind_m": goods.downwind_m,
        "fire_isolation_m": goods.fire_isolation_m,
        "protect_low_wind_km": low,
        "protect_moderate_wind_km": moderate,
        "protect_high_wind_km": high,
        "protect_day_km": goods.protect_day_km[0] if goods.protect_day_km else None,
        "protect_night_km": goods.protect_night_km[0] if goods.protect_night_km else None,
    }
