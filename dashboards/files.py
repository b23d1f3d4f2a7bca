"""Our static files, under an address that names the program's version: a page from before an update works."""

import re
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_VERSION = re.compile(r"^v-[0-9a-f]+/")


class VersionedFiles(StaticFiles):
    """Files below a folder; ``v-<letters>/`` before the name is left out and lets the browser keep the file.

    Any version answers with the present file: a page that was open during an update may still ask.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file."""
        bare = _VERSION.sub("", path)
        answer = await super().get_response(bare, scope)
        kept = "max-age=31536000, immutable" if bare != path else "no-cache"
        answer.headers.setdefault("Cache-Control", kept)
        return answer
