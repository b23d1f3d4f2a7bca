"""Where root keeps the data: PostgreSQL runs as another user then, who may not enter root's home."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hazmat.settings import OPTIONS, Settings
from hazmat.store.binaries import closed_folder, server_user

_FOR_ROOT = Path("/var/lib/hazmat")


def with_open_data_dir(settings: Settings) -> Settings:
    """Return the settings, with /var/lib/hazmat for a default folder that the server's user may not enter."""
    if settings.database_url or settings.data_dir != OPTIONS["data_dir"].default:
        return settings
    server_dir = settings.data_dir.absolute() / "postgres"
    user = server_user(server_dir)
    if user is None or closed_folder(server_dir, user) is None:
        return settings
    return replace(settings, data_dir=_FOR_ROOT)
