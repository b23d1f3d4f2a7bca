"""Trucks for benchmarks of the screens: put where last positions stand, and moved, without the flow."""

from datetime import datetime

from hazmat.columns import Floats
from hazmat.store.pool import Pool
from hazmat.store.queries import load_queries

_QUERIES = load_queries("crowd")


class Crowd:
    """Writes into a benchmark's own database; never use it on another."""

    def __init__(self, dsn: str) -> None:
        self._pool = Pool(dsn, writes=True)

    def put(self, lon: Floats, lat: Floats, heading_deg: Floats, at: datetime, alerts: int) -> None:
        """Put a truck at each place, all heard at ``at``, and a firing alert for ``alerts`` of them."""
        places = {"lon": lon.tolist(), "lat": lat.tolist(), "heading_deg": heading_deg.tolist()}
        self._pool.ask(lambda c: c.execute(_QUERIES["put_crowd"], {**places, "at": at}))
        self._pool.ask(lambda c: c.execute(_QUERIES["put_crowd_alerts"], {"at": at, "alerts": alerts}))

    def move(self, share: float, at: datetime) -> None:
        """Let a share (0 to 1) of the trucks drive on."""
        self._pool.ask(lambda c: c.execute(_QUERIES["move_crowd"], {"share": share, "at": at}))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
