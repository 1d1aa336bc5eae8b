"""The portal's addresses. Those of one municipality begin with its id; everything else comes first."""

from django.urls import path

from .views import (
    about,
    choosing,
    filling,
    front,
    login,
    my_case,
    my_consents,
    my_data,
    my_log,
    my_page,
    my_part,
    receipt_code,
    representing,
    service,
)

app_name = "portal"

_DRAFT = "<slug:municipality>/drafts/<uuid:draft_id>/"

_CASE_PAGES = {
    "": ("", my_case.case),
    "sent": ("sent/", my_case.sent),
    "letter": ("letters/<uuid:message_id>/", my_case.letter),
    "document": ("documents/<uuid:document_id>/", my_case.document),
    "preview": ("previews/<uuid:document_id>/", my_case.preview),
    "picture": ("previews/<uuid:document_id>/<slug:size>.jpg", my_case.picture),
    "looked": ("who-has-looked/", my_case.who_looked),
    "answer": ("answer/", my_case.answer),
    "send-more": ("send-more/", my_case.send_more),
    "withdraw": ("withdraw/", my_case.withdraw),
    "consent": ("consents/<uuid:consent_id>/", my_consents.consent),
    "let-see": ("let-see/", my_consents.let_see),
    "appeal": ("appeal/", my_case.appeal),
    "access": ("access/", my_case.access),
    "person": ("ask-for-a-person/", my_case.ask_for_a_person),
}


def _case_pages(prefix, name, seated):
    """A case's pages for one kind of reader: logged in, or with a receipt code."""
    return [
        path(f"{prefix}<slug:municipality>/cases/<uuid:case_id>/{rest}", seated(view), name=f"{name}-{page}".strip("-"))
        for page, (rest, view) in _CASE_PAGES.items()
    ]


urlpatterns = [
    path("", front.front, name="front"),
    path("search/", front.search, name="search"),
    path("topics/", front.topics, name="topics"),
    path("topics/<slug:topic_id>/", front.topic, name="topic"),
    path("municipalities/", choosing.choose, name="choose"),
    path("services/<slug:service>/", choosing.service_anywhere, name="service-anywhere"),
    path("contact/", about.contact, name="contact"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("privacy/", about.privacy, name="privacy"),
    path("login/", login.login, name="login"),
    path("login/callback/", login.callback, name="login-callback"),
    path("login/failed/", login.failed, name="login-failed"),
    path("logout/", login.logout, name="logout"),
    path("logged-out/", login.logged_out, name="logged-out"),
    path("act-for/", representing.act_for, name="act-for"),
    path("my/", my_page.my_page, name="my-page"),
    path("my/mailbox/", my_page.mailbox, name="mailbox"),
    path("my/log/", my_log.my_log, name="my-log"),
    path("my/data/", my_data.my_data, name="my-data"),
    path("my/data/download/", my_data.download, name="my-data-download"),
    path("my/data/<slug:municipality>/<uuid:export_id>/<int:number>.zip", my_data.part, name="my-data-part"),
    path("my/powers/", representing.powers, name="powers"),
    path("my/powers/<slug:municipality>/give/", representing.give, name="give-power"),
    path("my/powers/<slug:municipality>/<uuid:representation_id>/end/", representing.end, name="end-power"),
    path("my/<slug:municipality>/letters/<uuid:participant_id>/", my_part.part, name="my-part"),
    path("my/<slug:municipality>/letters/<uuid:participant_id>/appeal/", my_part.appeal, name="my-part-appeal"),
    path(
        "my/<slug:municipality>/letters/<uuid:participant_id>/<uuid:document_id>/",
        my_part.document,
        name="my-part-document",
    ),
    path(
        "my/<slug:municipality>/letters/<uuid:participant_id>/consents/<uuid:consent_id>/",
        my_consents.of_part,
        name="my-part-consent",
    ),
    *_case_pages("my/", "my-case", my_case.logged_in),
    path("receipt-code/", receipt_code.receipt_code, name="receipt-code"),
    *_case_pages("receipt-code/", "code-case", my_case.by_code),
    path("<slug:municipality>/", front.municipality, name="municipality"),
    path("<slug:municipality>/topics/<slug:topic_id>/", front.topic_here, name="topic-here"),
    path("<slug:municipality>/services/<slug:service>/", service.service, name="service"),
    path("<slug:municipality>/services/<slug:service>/start/", filling.start, name="start"),
    path(_DRAFT, filling.resume, name="draft"),
    path(_DRAFT + "page/<slug:page_id>/", filling.page, name="page"),
    path(_DRAFT + "page/<slug:page_id>/check/", filling.check, name="check"),
    path(_DRAFT + "files/<uuid:attachment_id>/", filling.attachment, name="attachment"),
    path(_DRAFT + "previews/<uuid:attachment_id>.jpg", filling.attached_picture, name="attached-picture"),
    path(_DRAFT + "review/", filling.review, name="review"),
    path(_DRAFT + "login/", filling.as_whom, name="draft-login"),
    path(_DRAFT + "delete/", filling.delete, name="delete-draft"),
    path(_DRAFT + "receipt/", filling.receipt, name="receipt"),
]
