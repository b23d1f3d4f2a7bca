"""What people do about an alert from its page, the inbox or the live list."""

import re
from typing import Annotated

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response

from dashboards.accounts.resume import own_path
from dashboards.alerts.alert_pages import AlertPages, Said
from dashboards.alerts.photos import MOST_PHOTOS, PhotoError, clean_name, clean_photo, clean_text
from dashboards.context import Context, viewer_of
from dashboards.errors import wants_json
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_, language_of, words
from dashboards.live.api import AlertId
from hazmat.clock import to_ms
from hazmat.store.handling import Deed, DraftTakenError, Photo
from hazmat.store.pool import Row

MOST_LETTERS = 2000
_DRAFT_KEY = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_LARGEST_ID = 2**63 - 1
TOO_LONG = N_("The text is longer than 2,000 characters")
BAD_KEY = N_("This draft cannot be told from another one; load the page again and send it once more")
Then = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form()]
Draft = Annotated[str, Form(max_length=100)]


class HandlingRoutes:
    """The actions of one application. A form is led back to ``then``, a program gets JSON; what cannot be
    done shows the alert's page again with the reason and with what was typed."""

    def __init__(self, context: Context, pages: AlertPages) -> None:
        self._context = context
        self._handling = context.doors.handling
        self._pages = pages

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(prefix="/alerts/{alert_id}", include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/acknowledge", self.acknowledge, methods=["POST"])
        router.add_api_route("/claim", self.claim, methods=["POST"])
        router.add_api_route("/release", self.release, methods=["POST"])
        router.add_api_route("/note", self.note, methods=["POST"])
        router.add_api_route("/photo", self.photo, methods=["POST"])
        router.add_api_route("/photos/{handling_id}", self.show_photo)
        return router

    def acknowledge(self, request: Request, alert_id: AlertId, then: Then = "") -> Response:
        """Note that somebody has seen the alert; the first one stays."""
        first = self._handling.acknowledge(self._deed(request, alert_id))
        done = {"acknowledged": to_ms(first.at), "by": first.name}
        return self._done(request, alert_id, then, done)

    def claim(
        self,
        request: Request,
        alert_id: AlertId,
        held_by: Annotated[int, Form(ge=0, le=_LARGEST_ID)] = 0,
        text: Text = "",
        then: Then = "",
    ) -> Response:
        """Take the alert from whom the page showed as its holder; 409 if it is another by now."""
        deed = self._deed(request, alert_id, clean_text(text))
        if len(deed.text) > MOST_LETTERS:
            return self._refused(request, alert_id, Said(TOO_LONG, "claim"))
        holder = self._handling.claim(deed, held_by)
        if holder.account_id == deed.account_id:
            return self._done(request, alert_id, then, {"held_by": holder.name, "at": to_ms(holder.at)})
        if not holder.account_id:
            said = Said(N_("The holder has released it meanwhile"), "claim")
            return self._refused(request, alert_id, said, 409)
        said = Said(N_("%(name)s was quicker and holds this alert now"), "claim", {"name": holder.name})
        return self._refused(request, alert_id, said, 409)

    def release(self, request: Request, alert_id: AlertId, then: Then = "") -> Response:
        """Give the alert back; 409 if another holds it."""
        if self._handling.release(self._deed(request, alert_id)):
            return self._done(request, alert_id, then, {"held_by": ""})
        return self._refused(request, alert_id, Said(N_("You do not hold this alert"), "claim"), 409)

    def note(self, request: Request, alert_id: AlertId, text: Text = "", draft_key: Draft = "") -> Response:
        """Add a note; the same draft sent again changes nothing."""
        fault = _text_fault(text, draft_key) or (N_("The note is empty") if not clean_text(text) else "")
        if fault:
            return self._refused(request, alert_id, Said(fault, "note", note=text))
        try:
            row = self._handling.note(self._deed(request, alert_id, clean_text(text), draft_key or None))
        except DraftTakenError:
            return self._refused(request, alert_id, Said(BAD_KEY, "note", note=text))
        return self._done(request, alert_id, "", _sent(row))

    def photo(
        self,
        request: Request,
        alert_id: AlertId,
        photos: Annotated[list[UploadFile] | None, File()] = None,
        text: Text = "",
        draft_key: Draft = "",
    ) -> Response:
        """Add photos, all or none; the same draft sent again changes nothing."""
        try:
            cleaned = _cleaned(photos or [])
        except PhotosError as error:
            said = Said(str(error.args[0]), "photo", {"name": error.name}, caption=text)
            return self._refused(request, alert_id, said)
        fault = _text_fault(text, draft_key)
        if fault:
            return self._refused(request, alert_id, Said(fault, "photo", caption=text))
        deed = self._deed(request, alert_id, clean_text(text), draft_key or None)
        try:
            rows = self._handling.photos(deed, cleaned)
        except DraftTakenError:
            return self._refused(request, alert_id, Said(BAD_KEY, "photo", caption=text))
        return self._done(request, alert_id, "", _sent(rows[0]))

    def show_photo(self, alert_id: AlertId, handling_id: int, small: bool = False) -> Response:
        """Return a photo, a picture that can do nothing but be looked at."""
        known = 0 < handling_id <= _LARGEST_ID
        photo = self._handling.photo(alert_id, handling_id, small) if known else None
        if photo is None:
            raise HTTPException(404, "no such photo")
        headers = {
            "Content-Disposition": f'inline; filename="photo-{handling_id}.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400, immutable",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(photo["content"], media_type="image/jpeg", headers=headers)

    def _deed(self, request: Request, alert_id: str, text: str = "", draft_key: str | None = None) -> Deed:
        account_id = viewer_of(request).account.account_id
        at = self._context.clock()
        return Deed(alert_id=alert_id, account_id=account_id, at=at, text=text, draft_key=draft_key)

    def _done(self, request: Request, alert_id: str, then: str, done: dict[str, object]) -> Response:
        if wants_json(request):
            return JSONResponse(done, headers={"Cache-Control": "no-store"})
        return RedirectResponse(own_path(then) if then else f"/alerts/{alert_id}#handling", 303)

    def _refused(self, request: Request, alert_id: str, said: Said, status: int = 422) -> Response:
        if wants_json(request):
            say = words(language_of(request, viewer_of(request))).gettext
            fault = say(said.fault) % said.values
            return JSONResponse({"detail": [{"field": said.fault_in, "fault": fault}]}, status)
        return self._pages.show(request, alert_id, said, status)


class PhotosError(PhotoError):
    """What is wrong with several uploads; ``name`` of the file, cleaned."""

    def __init__(self, fault: str, name: str = "") -> None:
        super().__init__(fault)
        self.name = name


def _cleaned(uploads: list[UploadFile]) -> list[Photo]:
    """Every photo or none: whoever chose four is not left to find out which arrived."""
    chosen = [upload for upload in uploads if upload.filename or upload.size]
    if not chosen:
        raise PhotosError(N_("No photo was chosen"))
    if len(chosen) > MOST_PHOTOS:
        raise PhotosError(N_("At most four photos can be sent at once"))
    photos = []
    for upload in chosen:
        name = upload.filename or ""
        try:
            photos.append(clean_photo(name, upload.file.read()))
        except PhotoError as error:
            raise PhotosError(str(error), clean_name(name)) from error
    return photos


def _text_fault(text: str, draft_key: str) -> str:
    if len(clean_text(text)) > MOST_LETTERS:
        return TOO_LONG
    return "" if not draft_key or _DRAFT_KEY.match(draft_key) else BAD_KEY


def _sent(row: Row) -> dict[str, object]:
    return {"handling_id": row["handling_id"], "at": to_ms(row["at"])}
