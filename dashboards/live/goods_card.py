"""What an officer on the spot must know of goods: hazards, first measures, distances to keep."""

from dataclasses import dataclass

from dashboards.i18n import N_, words
from hazmat.accounts import Language
from hazmat.goods import Goods, goods_table

SOURCE = N_("Distances: Emergency Response Guidebook, working data, not yet checked against the printed book")
# First measures by class or division (GB 6944), in the manner of the guidebook's general guides.
_MEASURES = {
    "1": N_("Explosive: evacuate, no fire-fighting on burning cargo, no radio or phone nearby"),
    "2.1": N_("Flammable gas: shut off ignition, stay upwind, stop the leak only without risk"),
    "2.2": N_("Gas under pressure, displaces air: ventilate, keep out of low places, cool vessels"),
    "2.3": N_("Toxic gas: approach upwind with breathing apparatus only, evacuate downwind at once"),
    "3": N_("Flammable liquid: no ignition source, no sparks, foam, keep it out of drains"),
    "4.1": N_("Flammable solid: no ignition source, keep dry or as the guide says"),
    "4.2": N_("May ignite by itself: keep air and water away as the guide says, do not touch"),
    "4.3": N_("Gives off flammable gas with water: no water, no foam; dry powder or sand"),
    "5.1": N_("Oxidizer: keep fuel, oil and wood away; plenty of water from a distance"),
    "5.2": N_("Organic peroxide: may explode when warm; cool from a distance, evacuate"),
    "6.1": N_("Toxic: no contact, no breathing of vapour, protective suit, keep it out of water"),
    "6.2": N_("Infectious: do not touch, tell the health authority"),
    "7": N_("Radioactive: keep distance, short stay, tell the radiation authority"),
    "8": N_("Corrosive: no contact, splash protection, dilute with much water only as the guide says"),
    "9": N_("Other hazard: keep people away, keep it out of drains, ask the consignor"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsCard:
    """One UN number for a card in one language; distances in metres and kilometres, None: not known."""

    un_no: str
    name: str
    hazard_class: str
    subsidiary: tuple[str, ...]
    packing_group: str
    tunnel_code: str
    acutely_toxic: bool
    specially_controlled: bool
    erg_guide: str
    measure: str
    isolation_m: float | None
    fire_isolation_m: float | None
    downwind_m: float | None
    protect_day_km: tuple[float, float, float] | None
    protect_night_km: tuple[float, float, float] | None
    source: str


def goods_card(goods: Goods, language: Language) -> GoodsCard:
    """Return the card of goods."""
    say = words(language).gettext
    division = goods.hazard_class
    measure = _MEASURES.get(division) or _MEASURES.get(division.split(".")[0], "")
    same = {name: getattr(goods, name) for name in GoodsCard.__slots__ if hasattr(goods, name)}
    name = goods.name_zh if language == "zh" else goods.name_en
    return GoodsCard(**same, name=name, measure=say(measure) if measure else "", source=say(SOURCE))


def numbers_meant(text: str) -> list[str]:
    """Return the UN numbers (four digits) that a searched text may mean: the number itself, or goods so
    called in either language."""
    wanted = text.strip().casefold()
    digits = wanted.removeprefix("un").strip()
    if digits.isdecimal() and len(digits) == 4:
        return [digits]
    named = (
        goods for goods in goods_table().goods if wanted in f"{goods.name_zh}\n{goods.name_en}".casefold()
    )
    return [goods.un_no.removeprefix("UN") for goods in named] if len(wanted) > 1 else []
