"""GET /texts/{language}.js: what our scripts say in a language, as a module."""

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

from dashboards.gate import GuardedRoute
from dashboards.i18n import script_texts
from hazmat.accounts import Language


def texts_router() -> APIRouter:
    """The route."""

    def texts(language: Language) -> Response:
        """Return the catalogue as a JavaScript module whose default export maps English to the language."""
        body = b"export default " + orjson.dumps(dict(script_texts(language))) + b";\n"
        return Response(body, media_type="text/javascript", headers={"Cache-Control": "max-age=31536000"})

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/texts/{language}.js", texts)
    return router
