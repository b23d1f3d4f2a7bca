"""Units and legal bases of rules in both languages; the rules carry the Chinese names of the law."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from hazmat.accounts import Language

# The translations that ministries and courts use; article numbers stay as they are.
_LAWS: Mapping[str, str] = MappingProxyType(
    {
        "道路交通安全违法行为记分管理办法": "Measures on Penalty Points for Road Traffic Offences",
        "道路交通安全法实施条例": "Regulation on the Implementation of the Road Traffic Safety Law",
        "道路交通安全法": "Road Traffic Safety Law",
        "道路运输车辆动态监督管理办法": "Measures on the Dynamic Supervision of Road Transport Vehicles",
        "危险货物道路运输安全管理办法": "Measures on the Safety of Road Transport of Dangerous Goods",
        "危险化学品安全管理条例": "Regulation on the Safety of Hazardous Chemicals",
        "公路安全保护条例": "Regulation on the Protection of Highway Safety",
        "民用卫星定位误差大于车道宽度，不作处罚依据": "civil satellite positioning errs by more "
        "than a lane's width; no ground for a penalty",
        "罐体登记的安全阀整定压力": "set pressure of the safety valve in the tank's registration",
        "罐体登记的温度范围": "temperature range in the tank's registration",
        "停车场核定容量": "approved capacity of the parking area",
        "（客运规定，危货默认不启用）": " (made for passenger transport; off by default for dangerous goods)",
        "（客运规定，参照执行）": " (made for passenger transport; applied by analogy)",
        "（省级公安机关公布后启用）": " (in use once the provincial police have published it)",
        "报警标志位": "alarm bits",
        "参数": "parameter",
    }
)
_LAW = re.compile("|".join(map(re.escape, _LAWS)))  # longer names stand before those they contain
_UNITS_ZH: Mapping[str, str] = MappingProxyType(
    {"s": "秒", "m": "米", "h": "小时", "t": "吨", "vehicles": "辆", "°C": "℃"}
)


def unit_words(unit: str, language: Language) -> str:
    """Return a unit as it stands behind a number: symbols of the SI in English, words in Chinese."""
    return _UNITS_ZH.get(unit, unit) if language == "zh" else unit


def basis_words(basis: str, language: Language) -> str:
    """Return a rule's legal basis; in English with the laws' names translated."""
    return basis if language == "zh" else _LAW.sub(lambda found: _LAWS[found[0]], basis)
