"""Drafts and submissions: begin, save, attach, keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.identifiers import uuid7
from allmenning.tenancy import current

from ..documents.inspection import check_together
from .content import Content
from .errors import DraftChanged, DraftGone
from .models import Attachment, Channel, Draft, Submission

CONTENT_FIELD = "documents.Document.content"  # the file is not encrypted again when it becomes a document


def begin_draft(
    *, area: str, owner_key: bytes, service: str, version: str, language: str, channel: Channel, content: Content
) -> Draft:
    """Begin to fill in a form."""
    key, wrapped = vault.new_case_key(current().municipality, area)
    draft_id = uuid7()
    return Draft.objects.create(
        id=draft_id,
        area=area,
        owner_key=owner_key,
        parent_index=current().parent,
        service=service,
        version=version,
        language=language,
        channel=channel,
        wrapped_key=wrapped,
        content=key.seal("forms.Draft.content", content.to_json(), draft_id),
    )


def draft_key(draft: Draft) -> vault.CaseKey:
    return vault.open_case_key(current().municipality, draft.area, bytes(draft.wrapped_key))


def open_content(draft: Draft) -> Content:
    return Content.from_json(draft_key(draft).open_text("forms.Draft.content", bytes(draft.content), draft.id))


def save_draft(draft: Draft, content: Content, *, page: int, revision: int, language: str = "") -> Draft:
    """Save what is filled in so far.

    Args:
        revision: the revision that the page was made from.
        language: the language of the page, in which the case then goes on.

    Raises:
        DraftChanged: the draft was saved from elsewhere since; nothing was written.
        DraftGone: it was sent or deleted.
    """
    sealed = draft_key(draft).seal("forms.Draft.content", content.to_json(), draft.id)
    saved = Draft.objects.filter(id=draft.id, revision=revision).update(
        content=sealed,
        page=page,
        revision=F("revision") + 1,
        updated_at=dates.now(),
        language=language or draft.language,
    )
    if not saved:
        raise DraftChanged() if Draft.objects.filter(id=draft.id).exists() else DraftGone()
    draft.content, draft.page, draft.revision = sealed, page, revision + 1
    draft.language = language or draft.language
    return draft


def hand_over(draft: Draft, content: Content, *, owner_key: bytes, revision: int) -> None:
    """Give a draft and its files to another key of its writer's. Raises DraftChanged, DraftGone: nothing was written."""
    with transaction.atomic():
        save_draft(draft, content, page=draft.page, revision=revision)
        draft.attachments.update(owner_key=owner_key)
        Draft.objects.filter(id=draft.id).update(owner_key=owner_key)
        draft.owner_key = owner_key


def attach(draft: Draft, *, pointer: str, name: str, media_type: str, content: bytes) -> Attachment:
    """Attach an inspected file to a draft.

    Raises:
        TooManyFiles, TooMuchTogether: nothing was written.
        DraftGone: it was sent or deleted meanwhile.
    """
    key = draft_key(draft)
    with transaction.atomic():
        # Held until the file is noted: a draft that is being sent waits for it, and then it goes with the rest.
        if not Draft.objects.select_for_update().filter(id=draft.id).values_list("id").first():
            raise DraftGone()
        check_together([*draft.attachments.values_list("size", flat=True), len(content)])
        stored = vault.files.write(current().municipality, key, CONTENT_FIELD, content)
        Draft.objects.filter(id=draft.id).update(updated_at=dates.now())
        attachment_id = uuid7()  # the document's, too, that it becomes
        return Attachment.objects.create(
            id=attachment_id,
            area=draft.area,
            owner_key=bytes(draft.owner_key),
            draft=draft,
            pointer=pointer,
            title=key.seal("documents.Document.title", name, attachment_id),
            file_name=key.seal("documents.Document.file_name", name, attachment_id),
            media_type=media_type,
            size=stored.size,
            sha256=key.seal("documents.Document.sha256", stored.sha256, attachment_id),
            path=stored.path,
        )


def remove_attachment(draft: Draft, attachment_id: UUID) -> None:
    """Take a file away from a draft; its content is deleted after the commit."""
    attachment = draft.attachments.filter(id=attachment_id).first()
    if attachment is None:
        return
    municipality, path = current().municipality, attachment.path
    attachment.delete()
    transaction.on_commit(lambda: vault.files.remove(municipality, path), using=draft._state.db)


def read_attachment(draft: Draft, attachment: Attachment) -> bytes:
    """The file's content. Raises vault.CannotOpen when the stored file was changed."""
    return vault.files.read(current().municipality, draft_key(draft), CONTENT_FIELD, attachment.path)


def delete_draft(draft: Draft) -> None:
    """Delete a draft and its files for good, at its writer's wish."""
    with transaction.atomic():
        for attachment in list(draft.attachments.all()):
            remove_attachment(draft, attachment.id)
        draft.delete()


def delete_drafts_older_than(at: datetime, limit: int = 1000, services: Sequence[str] | None = None) -> int:
    """Delete drafts that nobody has touched since, and their files; of some services, or of all. Returns how many.

    As the login `owner`: a draft is its writer's alone, so no other login sees one to delete. None is opened.
    """
    deleted = 0
    old = Draft.objects.filter(updated_at__lt=at)
    if services is not None:
        old = old.filter(service__in=services)
    for draft_id in list(old.values_list("id", flat=True)[:limit]):
        with transaction.atomic():
            # Asked again under the lock: its writer may have come back to it just now.
            draft = Draft.objects.select_for_update(skip_locked=True).filter(id=draft_id, updated_at__lt=at).first()
            if draft is not None:
                delete_draft(draft)
                deleted += 1
    return deleted


def new_submission(
    *,
    submission_id: UUID,
    area: str,
    case_id: UUID,
    service: str,
    version: str,
    channel: str,
    language: str,
    key: vault.CaseKey,
    content: Content,
    submitted_by: str,
    at: datetime,
    digest: bytes | None = None,
) -> Submission:
    """What was sent, with the form version that it answers; not saved. Its id makes it once, whatever is sent twice."""
    return Submission(
        id=submission_id,
        area=area,
        case_id=case_id,
        service=service,
        version=version,
        channel=channel,
        language=language,
        content=key.seal("forms.Submission.content", content.to_json(), submission_id),
        submitted_by=key.seal("forms.Submission.submitted_by", submitted_by, submission_id),
        submitted_at=at,
        digest=digest,
    )


def claim_draft(draft: Draft) -> list[Attachment] | None:
    """Take a draft's rows away to make a case of it, in the caller's transaction. Its files stay where they are.

    Whoever sends it at the same time waits here, and then gets None: it is sent. Two statements, in plain SQL since
    the ORM would look for attachments once more before it deletes.

    Returns:
        The attachments as they were, oldest first; None when there is no such draft any more. The draft then has its key as it
        was wrapped last: it may have been wrapped again since the draft was read, and the key before be destroyed.

    Raises:
        DraftChanged: it was saved from elsewhere after it was read, so what was looked through is not what would be sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from forms_draft where id = %s and revision = %s returning wrapped_key", [draft.id, draft.revision]
        )
        claimed = cursor.fetchone()
        if claimed is None:
            if Draft.objects.filter(id=draft.id).exists():
                raise DraftChanged()
            return None
        (draft.wrapped_key,) = claimed
    taken = Attachment.objects.raw("delete from forms_attachment where draft_id = %s returning *", [draft.id])
    return sorted(taken, key=lambda attachment: (attachment.created_at, attachment.id))


def open_submission(submission: Submission, key: vault.CaseKey) -> Content:
    return Content.from_json(key.open_text("forms.Submission.content", bytes(submission.content), submission.id))
