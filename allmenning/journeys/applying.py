"""Filling in a form: begin, save each page, attach, look through. For residents and for staff alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from allmenning.commons.identity import actions as identity
from allmenning.commons.identity.sessions import Resident
from allmenning.municipal.documents.errors import TypeNotAccepted
from allmenning.municipal.documents.inspection import IMAGES
from allmenning.municipal.documents.inspection.apart import draw_apart
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.errors import DraftGone
from allmenning.municipal.forms.models import Attachment, Channel, Draft
from allmenning.tenancy import current

from .errors import LoginNeeded, NotForOrganisations
from .offered import Offered, at_version, offered
from .prefilling import Known, prefill
from .previews import SIDES, SMALL
from .receiving import Upload, receive
from .registering import Applicant


@dataclass(frozen=True)
class Filling:
    """A draft that is open: the form, its content, and its files with their names."""

    draft: Draft
    offered: Offered
    content: Content
    attachments: dict[str, AttachedFile]


@dataclass(frozen=True)
class AttachedFile:
    id: UUID
    pointer: str
    name: str
    size: int
    media_type: str

    @property
    def is_image(self) -> bool:
        """Whether a preview of it may be drawn."""
        return self.media_type in IMAGES


def begin(resident: Resident | None, service: str, language: str, *, owner_key: bytes) -> Draft:
    """Begin an application in the chosen municipality, with what is known filled in.

    Args:
        owner_key: the resident's key here, or the key of a receipt code for one who is not logged in.

    Raises:
        ServiceNotOffered, LoginNeeded, NotForOrganisations.
    """
    chosen = offered(service)
    if resident is None and chosen.package.access.login == "required":
        raise LoginNeeded()
    if resident is not None and resident.organisation and "business" not in chosen.package.audience:
        raise NotForOrganisations()
    content = Content()
    if resident is not None:
        known = Known(current().municipality, resident.acting_kind, resident.acting_number)
        content = prefill(chosen.form, content, known)
        # Before the draft, which nobody but its writer sees: no sweep could find one whose mark was lost.
        identity.mark_presence(resident.person_key, current().municipality)
    return _begin(chosen, owner_key, language, Channel.PORTAL, content)


def begin_on_behalf(applicant: Applicant, service: str, language: str, channel: Channel, *, owner_key: bytes) -> Draft:
    """Staff begin the same form for somebody who telephoned, wrote or came to the counter."""
    chosen = offered(service)
    content = Content(applicant=asdict(applicant))
    if applicant.number:
        known = Known(current().municipality, applicant.kind, applicant.number, by_staff=True)
        content = prefill(chosen.form, content, known)
    return _begin(chosen, owner_key, language, channel, content)


def _begin(chosen: Offered, owner_key: bytes, language: str, channel: Channel, content: Content) -> Draft:
    package = chosen.package
    return forms.begin_draft(
        area=package.area,
        owner_key=owner_key,
        service=package.id,
        version=package.version,
        language=language,
        channel=channel,
        content=content,
    )


def open_draft(draft_id: UUID) -> Filling:
    """A draft of whoever is connected. Raises DraftGone."""
    draft = Draft.objects.filter(id=draft_id).first()
    if draft is None:
        raise DraftGone()
    key = forms.draft_key(draft)
    attached = {str(each.id): _attached(each, key) for each in draft.attachments.order_by("created_at")}
    return Filling(draft, at_version(draft.service, draft.version), forms.open_content(draft), attached)


def _attached(attachment: Attachment, key: Any) -> AttachedFile:
    name = key.open_text("documents.Document.file_name", bytes(attachment.file_name), attachment.id)
    return AttachedFile(attachment.id, attachment.pointer, name, attachment.size, attachment.media_type)


def save_page(
    filling: Filling,
    data: Mapping[str, Any],
    raw: Mapping[str, Any],
    sources: Mapping[str, Any] | None = None,
    *,
    page: int,
    revision: int,
    language: str = "",
) -> Draft:
    """Save what was typed, right or wrong. Raises DraftChanged, DraftGone."""
    content = filling.content.with_answers(data, raw, sources)
    return forms.save_draft(filling.draft, content, page=page, revision=revision, language=language)


def login_asked(filling: Filling, resident: Resident | None) -> str:
    """What the answers ask of the login that it is not: "required", "none", or "" when it is as they ask."""
    asked = filling.offered.form.login(filling.content.data)
    return asked if asked != ("required" if resident else "none") else ""


def go_on_as(filling: Filling, resident: Resident | None, *, owner_key: bytes, revision: int) -> None:
    """The draft goes on as its writer's who has logged in, or as a nameless one's: then nothing of the login stays in it.

    What registers said and still stands as they said is taken out for one who wants to be nameless; what they typed
    themselves is theirs to look through. For one who logs in, what is known is filled in where nothing stands.

    Args:
        owner_key: the resident's key here, or the key of a new receipt code. Whoever is connected has it, and the draft's.

    Raises:
        DraftChanged, DraftGone: nothing was written.
    """
    content = filling.content
    if resident is None:
        content = content.without_registers()
    else:
        content = prefill(
            filling.offered.form, content, Known(current().municipality, resident.acting_kind, resident.acting_number)
        )
        identity.mark_presence(resident.person_key, current().municipality)
    forms.hand_over(filling.draft, content, owner_key=owner_key, revision=revision)


def attach_file(filling: Filling, pointer: str, name: str, declared_type: str, content: bytes) -> Attachment:
    """Attach a file, after looking at what it really is.

    Raises UnacceptableFile (TooManyFiles, TooMuchTogether, MalwareFound …), ScannerUnavailable, DraftGone.
    """
    file = receive(Upload(name, declared_type, content))
    return forms.attach(
        filling.draft, pointer=pointer, name=file.name, media_type=file.media_type, content=file.content
    )


def remove_file(filling: Filling, attachment_id: UUID) -> None:
    """Take a file away from a draft."""
    forms.remove_attachment(filling.draft, attachment_id)


def read_attachment(filling: Filling, attachment_id: UUID) -> bytes:
    """The content of a draft's own file. Raises DraftGone when it was taken away."""
    attachment = filling.draft.attachments.filter(id=attachment_id).first()
    if attachment is None:
        raise DraftGone()
    return forms.read_attachment(filling.draft, attachment)


def draw_attachment(filling: Filling, attachment_id: UUID) -> bytes:
    """A draft's own image as a small JPEG, drawn anew. Raises DraftGone; UnacceptableFile: it can't be drawn."""
    held = filling.attachments.get(str(attachment_id))
    if held is None or not held.is_image:
        raise TypeNotAccepted()
    return draw_apart(read_attachment(filling, attachment_id), SIDES[SMALL])


def in_language(draft: Draft, language: str) -> Draft:
    """The case goes on in the language that the form was sent in."""
    if draft.language != language:
        draft.language = language
        draft.save(update_fields=["language"])
    return draft


def discard(draft_id: UUID) -> None:
    """Delete a draft at its writer's wish."""
    draft = Draft.objects.filter(id=draft_id).first()
    if draft is not None:
        forms.delete_draft(draft)
