"""Words that the pages of administration share: groups, receivers, needs, kinds of fences."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.i18n import N_

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "place": N_("Where it lies"),
        "conduct": N_("Driving conduct"),
        "documents": N_("Papers and qualifications"),
        "device": N_("Terminal"),
        "load": N_("Tank and load"),
        "together": N_("Several vehicles"),
        "emergency": N_("Emergency"),
    }
)
RECEIVERS: Mapping[str, str] = MappingProxyType(
    {
        "driver": N_("Driver"),
        "carrier": N_("Carrier"),
        "traffic_police": N_("Traffic police"),
        "transport": N_("Transport authority"),
        "emergency_management": N_("Emergency management"),
        "fire_rescue": N_("Fire and rescue"),
        "market_supervision": N_("Market supervision"),
    }
)
NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "vehicle": N_("vehicle registered"),
        "waybill": N_("waybill in force"),
        "corridor": N_("route of the waybill on file"),
        "district": N_("district fence in force"),
        "designated_road": N_("designated road in force"),
        "road": N_("road with a known limit"),
        "people": N_("driver and escort on file"),
        "carrier": N_("carrier on file"),
        "load": N_("load known"),
        "speed": N_("speed reported"),
        "good_fix": N_("usable fix"),
        "status": N_("alarm and status reported"),
        "tank_sensor": N_("tank sensor reported"),
    }
)
FENCE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "district": N_("District"),
        "barred_area": N_("Barred area"),
        "plant": N_("Loading plant"),
        "parking": N_("Hazmat parking"),
        "service_area": N_("Service area"),
        "no_stop": N_("No-stopping stretch"),
        "tunnel": N_("Tunnel or bridge"),
        "sensitive": N_("Sensitive site"),
        "road": N_("Road"),
        "designated_road": N_("Designated road"),
        "corridor": N_("Route corridor"),
    }
)
