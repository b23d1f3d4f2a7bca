"""Third-party files that our pages use, from installed packages; never from another host."""

import importlib.metadata
from pathlib import Path

LEAFLET_PACKAGE = "django-js-lib-leaflet"
LEAFLET_FILES = ("leaflet.js", "leaflet.css")


def leaflet_folder() -> Path:
    """Return the folder that holds leaflet.js; PackageNotFoundError or FileNotFoundError if missing."""
    for file in importlib.metadata.files(LEAFLET_PACKAGE) or ():
        if file.name == LEAFLET_FILES[0]:
            return Path(str(file.locate())).parent
    raise FileNotFoundError(f"{LEAFLET_PACKAGE} holds no {LEAFLET_FILES[0]}")
