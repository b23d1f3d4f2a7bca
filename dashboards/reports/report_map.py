"""What reports share: a light folium map over our own fences, and the page that carries it in one file."""

import json
from html import escape
from pathlib import Path
from typing import Any

import folium
import geopandas
from jinja2 import Environment, FileSystemLoader

from dashboards.i18n import HTML_LANGUAGE, local_day, local_time, number, words
from dashboards.reports.figure import OfflineFigure, Text, policy
from hazmat.accounts import Language
from hazmat.geofences import FenceKind

_HERE = Path(__file__).parent.parent
_STYLE = _HERE / "static/reports.css"
WAYS = "<!--ways-->"  # where a page that is served gets its links; a file from disk leads nowhere
DISTRICT = [[29.88, 121.45], [30.08, 121.80]]
LEVEL_COLOURS = {"red": "#c8102e", "orange": "#d9660b", "yellow": "#d9a400", "blue": "#1d64c8"}
_LOOKS = {
    FenceKind.DISTRICT: {"color": "#7c8ea6", "weight": 1, "dashArray": "8 6", "fillOpacity": 0.0},
    FenceKind.ROAD: {"color": "#b9c4d2", "weight": 2},
    FenceKind.DESIGNATED_ROAD: {"color": "#6fb9a0", "weight": 4},
    FenceKind.PLANT: {"color": "#8b6cf0", "weight": 1, "fillColor": "#8b6cf0", "fillOpacity": 0.12},
    FenceKind.PARKING: {"color": "#2f9e6b", "weight": 1, "fillColor": "#2f9e6b", "fillOpacity": 0.12},
    FenceKind.BARRED_AREA: {"color": "#c8102e", "weight": 1, "fillColor": "#c8102e", "fillOpacity": 0.10},
}


def base_map(fences: str) -> folium.Map:
    """Return a map without tiles that shows the fences (GeoJSON text) for bearing."""
    chart = folium.Map(
        tiles=None, zoom_control=True, attribution_control=False, control_scale=True, max_zoom=19
    )
    features = json.loads(fences)["features"]
    for kind, look in _LOOKS.items():
        chosen = [f for f in features if f["properties"]["kind"] == kind]
        if chosen:
            frame = geopandas.GeoDataFrame.from_features(chosen, crs="EPSG:4326")[["name", "geometry"]]
            _draw(frame, look).add_to(chart)
    return chart


def _draw(frame: geopandas.GeoDataFrame, look: dict[str, Any]) -> folium.GeoJson:
    frame = frame.assign(name=[harmless(name) for name in frame["name"]])
    tooltip = folium.GeoJsonTooltip(fields=["name"], labels=False)
    return folium.GeoJson(frame, style_function=lambda _: look, tooltip=tooltip)


def harmless(text: object) -> str:
    """Return a text as folium may put it between backquotes into a script: names are imported."""
    return escape(str(text)).translate({ord(sign): f"&#{ord(sign)};" for sign in "`$\\{}%/"})


def line(places: list[tuple[float, float]], colour: str, dashed: bool = False) -> folium.PolyLine:
    """Return a line through (lat, lon) places."""
    look = {"color": colour, "weight": 5, "opacity": 0.9, "dash_array": "4 8" if dashed else None}
    return folium.PolyLine(places, **look)  # type: ignore[no-untyped-call]


def report(title: str, chart: folium.Map, template: str, values: dict[str, Any], language: Language) -> str:
    """Return the page: the map and a panel made of a template; everything is inside."""
    figure = OfflineFigure(title=title)
    figure.add_child(chart)
    panel = _environment(language).get_template(template).render(title=title, **values)
    figure.html.add_child(Text(panel), name="panel")
    look = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    figure.header.add_child(Text(f"{look}<style>{_STYLE.read_text('utf-8')}</style>"), name="look")
    return figure.render().replace("<html>", f'<html lang="{HTML_LANGUAGE[language]}">', 1)


def served(page: str, ways: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the page with links (address by word) and the headers to send with it."""
    links = "".join(f'<a href="{escape(address)}">{escape(word)}</a>' for word, address in ways.items())
    page = page.replace(WAYS, f'<nav class="ways">{links}</nav>', 1)
    own = policy(page) + "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    return page, {"Content-Security-Policy": own, "Cache-Control": "no-store"}


def span_text(seconds: float) -> str:
    """Return a duration as hours and minutes, as a clock writes it."""
    if 0 < seconds < 60:
        return "<0:01"
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    say: Any = environment
    say.install_gettext_translations(words(language), newstyle=True)
    environment.filters |= {
        "local_time": local_time, "local_day": local_day, "number": number, "span": span_text,
    }  # fmt: skip
    return environment
