"""Map tiles through us: a real tile server that is away, lies, is huge; the disk cache; what never leaks."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from dashboards.live.basemap import basemap
from dashboards.live.tile_cache import KEPT, NEGATIVE_KEPT, TileCache
from dashboards.live.tile_source import MOST_BYTES
from dashboards.live.tiles import Tiles
from hazmat.clock import now
from hazmat.settings import Settings, read_settings

SECRET = "key-that-nobody-sees"


@dataclass
class TileServer:
    """Answers every path with the same; notes what was asked."""

    address: str = ""
    status: int = 200
    body: bytes = b""
    media_type: str = "image/png"
    location: str = ""
    asked: list[str] = field(default_factory=list)

    def settings(self, folder: Path) -> Settings:
        url = f"{self.address}/{{z}}/{{x}}/{{y}}.png?tk={SECRET}"
        return read_settings({"HAZMAT_TILE_URL": url, "HAZMAT_DATA_DIR": str(folder)})


def picture(colour: str = "#3a7a5a") -> bytes:
    Image.new("RGB", (256, 256), colour).save(out := BytesIO(), "PNG")
    return out.getvalue()


@contextmanager
def tile_server() -> Iterator[TileServer]:
    state = TileServer(body=picture())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            self.send_response(state.status)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Type", state.media_type)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever).start()
        try:
            yield state
        finally:
            server.shutdown()


@pytest.fixture
def server() -> Iterator[TileServer]:
    with tile_server() as state:
        yield state


@dataclass
class Proxy:
    """Our route alone, without the gate, and the clock it goes by."""

    client: httpx.Client
    folder: Path
    at: datetime

    def get(self, path: str = "/tiles/12/3431/1684") -> httpx.Response:
        return self.client.get(path)


@pytest.fixture
def proxy(server: TileServer, tmp_path: Path) -> Iterator[Proxy]:
    with proxying(server.settings(tmp_path), tmp_path) as made:
        yield made


@contextmanager
def proxying(settings: Settings, folder: Path) -> Iterator[Proxy]:
    app = FastAPI()
    made = Proxy(httpx.Client(timeout=20), folder / "tiles", now())
    app.add_api_route("/tiles/{z}/{x}/{y}", Tiles(settings, lambda: made.at).tile)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    made.client.base_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        made.client.close()
        server.should_exit = True
        thread.join(10)


def test_a_tile_is_asked_for_once_and_then_comes_from_the_disk(server: TileServer, proxy: Proxy) -> None:
    first, second = proxy.get(), proxy.get()
    assert first.content == second.content == server.body
    assert first.headers["content-type"] == second.headers["content-type"] == "image/png"
    assert server.asked == [f"/12/3431/1684.png?tk={SECRET}"]
    assert not list(proxy.folder.rglob("*.part"))


def test_an_old_tile_is_asked_for_again(server: TileServer, proxy: Proxy) -> None:
    proxy.get()
    server.body = picture(colour="#ff0000")
    proxy.at += KEPT - timedelta(minutes=1)
    assert proxy.get().content != server.body
    proxy.at += timedelta(minutes=2)
    assert proxy.get().content == server.body
    assert len(server.asked) == 2


def test_while_the_server_is_away_an_old_tile_is_better_than_none(tmp_path: Path) -> None:
    with tile_server() as server, proxying(server.settings(tmp_path), tmp_path) as proxy:
        proxy.get()
        server.status = 503
        proxy.at += KEPT * 2
        assert proxy.get().content == server.body
        assert proxy.get("/tiles/12/3431/1685").status_code == 502
        server.status = 200
        assert proxy.get("/tiles/12/3431/1685").status_code == 200
        asked = len(server.asked)
    with proxying(server.settings(tmp_path), tmp_path) as proxy:
        proxy.at += KEPT * 2
        assert proxy.get().content == server.body
        gone = proxy.get("/tiles/12/3431/1686")
        assert (gone.status_code, gone.headers["retry-after"]) == (502, "30")
        assert len(server.asked) == asked


def test_that_there_is_no_tile_is_remembered_for_a_while(server: TileServer, proxy: Proxy) -> None:
    server.status = 404
    assert [proxy.get().status_code for _ in range(3)] == [404] * 3
    assert len(server.asked) == 1
    server.status = 200
    proxy.at += NEGATIVE_KEPT
    assert proxy.get().status_code == 200


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<html><script>alert(1)</script>", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        (b"", "image/png"),
        (picture() + bytes(MOST_BYTES), "image/png"),
    ],
)
def test_what_is_no_image_or_too_large_is_no_tile(
    server: TileServer, proxy: Proxy, body: bytes, media_type: str
) -> None:
    server.body, server.media_type = body, media_type
    assert proxy.get().status_code == 502
    server.body = picture()
    assert proxy.get().status_code == 200


def test_the_type_is_what_the_image_is_and_not_what_the_server_says(server: TileServer, proxy: Proxy) -> None:
    server.media_type = "text/html"
    assert proxy.get().headers["content-type"] == "image/png"


def test_a_redirect_is_followed_on_the_same_host_only(server: TileServer, proxy: Proxy) -> None:
    with tile_server() as other:
        server.status, server.location = 302, f"{other.address}/secret"
        assert proxy.get().status_code == 502
        assert other.asked == []
    server.location = "/again"
    assert proxy.get().status_code == 502  # for ever in a circle
    assert len(server.asked) == 1 + 4


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/12/4096/1",
        "/tiles/12/1/4096",
        "/tiles/23/1/1",
        "/tiles/-1/0/0",
        "/tiles/a/b/c",
        "/tiles/1.5/0/0",
    ],
)
def test_a_place_that_cannot_be_is_refused(server: TileServer, proxy: Proxy, path: str) -> None:
    assert proxy.get(path).status_code == 422
    assert server.asked == []


@pytest.mark.parametrize(
    "path", ["/tiles/12/..%2f..%2fetc/passwd", "/tiles/../../etc/passwd", "/tiles/1/2/3/4"]
)
def test_a_path_leads_nowhere_else(server: TileServer, proxy: Proxy, path: str) -> None:
    assert proxy.get(path).status_code in {404, 422}
    assert server.asked == []
    assert not proxy.folder.exists()


def test_the_oldest_tiles_go_when_there_are_too_many(tmp_path: Path) -> None:
    at = now()
    cache = TileCache(tmp_path, "http://a/{z}/{x}/{y}", lambda: at, most_bytes=40 * 4096)
    for x in range(60):
        at += timedelta(seconds=1)
        asyncio.run(cache.put(9, x, 0, picture()))
    kept = sorted(int(file.parent.name) for file in tmp_path.rglob("*") if file.is_file())
    assert len(kept) <= 40
    assert kept == list(range(60 - len(kept), 60))


def test_the_key_of_the_tile_server_stays_with_us(
    server: TileServer, proxy: Proxy, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    answers = [proxy.get()]
    server.status = 403
    answers += [proxy.get("/tiles/12/0/0"), proxy.get("/tiles/0/1/0")]
    assert "403" in caplog.text
    said = caplog.text + "".join(f"{a.headers}{a.text}" for a in answers)
    assert SECRET not in said + str([*proxy.folder.rglob("*")])
    shown = basemap(server.settings(tmp_path))
    assert shown == {"tiles": "/tiles/{z}/{x}/{y}", "crs": "EPSG:3857", "attribution": ""}


def test_without_a_tile_server_there_are_no_tiles(tmp_path: Path) -> None:
    with proxying(read_settings({"HAZMAT_DATA_DIR": str(tmp_path)}), tmp_path) as proxy:
        assert proxy.get().status_code == 404
    assert basemap(read_settings({}))["tiles"] == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://{s}.tiles/{z}/{x}/{y}",
        "ftp://tiles/{z}/{x}/{y}",
        "https://tiles/{z}/{x}",
        "https:///{z}/{x}/{y}",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_by_name_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="HAZMAT_TILE_URL") as raised:
        read_settings({"HAZMAT_TILE_URL": f"{url}?tk={SECRET}"})
    assert SECRET not in str(raised.value)


def test_an_unknown_plane_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="HAZMAT_TILE_CRS must be one of EPSG:3857"):
        read_settings({"HAZMAT_TILE_CRS": "EPSG:4326"})
