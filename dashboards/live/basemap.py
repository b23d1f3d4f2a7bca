"""What lies below the map: tiles of a server that the settings name, or nothing but our own layers."""

from hazmat.settings import Settings

TILES = "/tiles/{z}/{x}/{y}"


def basemap(settings: Settings) -> dict[str, str]:
    """Return what a page says of the base map to ``createMap``: the values of data-tiles (empty: none),
    data-crs and data-attribution. The tile server's own address, which may hold a key, is not among them."""
    if not settings.tile_url:
        return {"tiles": "", "crs": "EPSG:3857", "attribution": ""}
    return {"tiles": TILES, "crs": settings.tile_crs, "attribution": settings.tile_attribution}
