"""What a browser calls itself, in two words that its owner recognises."""

import re

_BROWSERS = (("Edg", "Edge"), ("MicroMessenger", "微信"), ("OPR", "Opera"), ("Firefox", "Firefox"))
_MORE = (
    ("HuaweiBrowser", "华为浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"))
_DESKTOPS = (("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"))


def device(user_agent: str) -> str:
    """Return browser and system, or how the header begins."""
    found = [_first(user_agent, _BROWSERS + _MORE), _first(user_agent, _SYSTEMS + _DESKTOPS)]
    return " · ".join(filter(None, found)) or re.sub(r"\s.*", "", user_agent)[:40] or "—"


def _first(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
