"""Runs the web application until it is told to stop; open streams end with it."""

import socket
from typing import cast

import uvicorn

from dashboards.app import create_app
from dashboards.live.live import Live
from hazmat.clock import now
from hazmat.settings import Settings
from hazmat.store.doors import Doors

_GRACE_SECONDS = 2


class _Server(uvicorn.Server):
    """Ends the live streams before it waits for open connections: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live
        live.on_fault = self._stop

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: streams first, then the rest."""
        self._live.close()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve the site as the settings say until SIGTERM or SIGINT; call it from the main thread.

    A fault of the live stream stops the server and is raised, so that whoever watches over us starts anew.
    SystemExit when the address is taken.
    """
    app = create_app(Doors(settings.database_url or ""), now, settings)
    live = cast("Live", app.state.live)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,  # as the rest of the process
        log_level="warning",
        access_log=False,
        server_header=False,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        # Without a list nobody is believed: uvicorn's own default believes this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    _Server(config, live).run()
    if live.fault:
        raise RuntimeError(f"the live stream failed: {live.fault}") from live.fault_raised
