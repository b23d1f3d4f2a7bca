"""Pictures of every page of a filled town: `python -m tests.screenshots [--out FOLDER] [--only WORD]`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from hazmat.accounts import Language
from hazmat.clock import SHANGHAI, now
from hazmat.store.embedded import PostgresServer
from hazmat.store.schema import migrate
from tests.browsing import ARGUMENTS, PHONE, Visitor, visiting
from tests.page_town import CARRIER, Town, page_town
from tests.page_walk import PAGES, Page, path_of
from tests.test_dashboards_api import serving

OUT = Path(__file__).parents[1] / "docs" / "screens"
SIZES = {"desktop": (1440, 900), "phone": PHONE}
IN_ENGLISH_TOO = {"/live", "/portal", "/alerts/{alert_id}"}
_TRUCKS = 300
_SETTLED_MS = 2000  # maps draw after their data has come


def main() -> None:
    """Take the pictures."""
    asked = _arguments()
    asked.out.mkdir(parents=True, exist_ok=True)
    pages = [page for page in PAGES if asked.only in page.path]
    with _town() as (visitor, town):
        for page in pages:
            languages: tuple[Language, ...] = ("zh", "en") if page.path in IN_ENGLISH_TOO else ("zh",)
            for language in languages if asked.language is None else (asked.language,):
                for size in SIZES:
                    _take(visitor, town, page, size, language, asked.out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures")
    parser.add_argument("--only", default="", help="only pages whose path holds this")
    parser.add_argument("--language", choices=("zh", "en"), help="all pages in this language")
    return parser.parse_args()


@contextmanager
def _town() -> Iterator[tuple[Visitor, Town]]:
    folder = Path(tempfile.mkdtemp(prefix="hazmat-screens-"))
    folder.chmod(0o711)  # the database's own user has to pass
    try:
        with PostgresServer(folder / "postgresql") as server, sync_playwright() as playwright:
            migrate(server.dsn)
            town = page_town(server.dsn, _TRUCKS, now())
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            with serving(server.dsn) as address, visiting(browser, address, server.dsn) as visitor:
                yield visitor, town
            browser.close()
    finally:
        shutil.rmtree(folder)


def _take(visitor: Visitor, town: Town, page: Page, size: str, language: Language, out: Path) -> None:
    address = path_of(page, town, now().astimezone(SHANGHAI).date().isoformat())
    opened = visitor.open(address, SIZES[size], page.role, language, carrier_id=_carrier(page))
    if page.path == "/live":
        opened.until("document.getElementById('link').dataset.state === 'live'", seconds=60)
    opened.page.wait_for_timeout(_SETTLED_MS)
    picture = Image.open(BytesIO(opened.page.screenshot()))
    file = out / f"{page.name}-{size}-{language}.png"
    # Rare colours count as much as common ones: a level's few pixels keep theirs at a quarter of the size.
    few = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2)
    few.save(file, optimize=True)
    sys.stdout.write(f"{file.name} {file.stat().st_size // 1024} KB\n")
    visitor.contexts.pop().close()


def _carrier(page: Page) -> str:
    return CARRIER if page.role == "enterprise" else ""


if __name__ == "__main__":
    main()
