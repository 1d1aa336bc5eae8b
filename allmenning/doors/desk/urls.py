"""The desk's addresses. The administrator's pages and the print queue have modules of their own."""

from django.urls import URLPattern, URLResolver, include, path

from .views import (
    breaking_glass,
    case,
    deciding,
    giving_access,
    login,
    partiality,
    previewing,
    protecting,
    purposes,
    registering,
    reviewing,
    work_list,
)

app_name = "desk"

_DRAFT = "register/<uuid:draft_id>/"
_CASE = "cases/<uuid:case_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", work_list.work_list, name="front"),
    path("find/", work_list.find, name="find"),
    path("login/", login.login, name="login"),
    path("login/start/", login.start, name="login-start"),
    path("login/callback/", login.callback, name="login-callback"),
    path("choose/", login.choose, name="choose"),
    path("logout/", login.logout, name="logout"),
    path("register/", registering.start, name="register"),
    path(_DRAFT, registering.resume, name="draft"),
    path(_DRAFT + "page/<slug:page_id>/", registering.page, name="page"),
    path(_DRAFT + "page/<slug:page_id>/check/", registering.check, name="check"),
    path(_DRAFT + "files/<uuid:attachment_id>/", registering.attachment, name="attachment"),
    path(_DRAFT + "previews/<uuid:attachment_id>.jpg", registering.attached_picture, name="attached-picture"),
    path(_DRAFT + "review/", registering.review, name="review"),
    path(_DRAFT + "delete/", registering.delete, name="delete-draft"),
    path(_DRAFT + "receipt/", registering.receipt, name="receipt"),
    path(_CASE, case.case, name="case"),
    path(_CASE + "purpose/", purposes.purpose, name="purpose"),
    path(_CASE + "protected/", protecting.protected, name="protected"),
    path(_CASE + "protected/level/", protecting.level, name="protection-level"),
    path(_CASE + "assign/", case.assign, name="assign"),
    path(_CASE + "note/", case.note, name="note"),
    path(_CASE + "step/", case.finish, name="finish"),
    path(_CASE + "ask/", case.ask, name="ask"),
    path(_CASE + "reply/", case.reply, name="reply"),
    path(_CASE + "decide/", deciding.decide, name="decide"),
    path(_CASE + "decide/letter.pdf", deciding.letter, name="letter"),
    path(_CASE + "decide/send/", deciding.send, name="send"),
    path(_CASE + "decide/give-back/", deciding.give_back, name="give-back"),
    path(_CASE + "decide/issue/", deciding.issue, name="issue"),
    path(_CASE + "access/", giving_access.access, name="access"),
    path(_CASE + "access/refuse/", giving_access.refuse, name="access-refuse"),
    path(_CASE + "access/copy.pdf", giving_access.copy, name="access-copy"),
    path(_CASE + "access/<uuid:document_id>/<int:first>-<int:last>.pdf", giving_access.pages, name="access-pages"),
    path(_CASE + "documents/<uuid:document_id>/", case.document, name="document"),
    path(_CASE + "previews/<uuid:document_id>/", previewing.preview, name="preview"),
    path(_CASE + "previews/<uuid:document_id>/<slug:size>.jpg", previewing.picture, name="picture"),
    path(_CASE + "break-glass/", breaking_glass.at_case, name="break-glass-case"),
    path(_CASE + "partial/", partiality.in_case, name="partial-case"),
    path("break-glass/", breaking_glass.by_number, name="break-glass"),
    path("partial/", partiality.towards, name="partial"),
    path("reviews/", reviewing.queue, name="reviews"),
    path("reviews/<uuid:review_id>/", reviewing.close, name="close-review"),
    path("print/", include("allmenning.doors.desk.print_urls")),
    path("administration/", include("allmenning.doors.desk.administration_urls")),
]
