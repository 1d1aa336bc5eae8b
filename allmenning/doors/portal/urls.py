"""The portal's addresses. Those of one municipality begin with its id; everything else comes first."""

from django.urls import path

from .views import filling

app_name = "portal"

_DRAFT = "<slug:municipality>/drafts/<uuid:draft_id>/"

urlpatterns = [
    path("<slug:municipality>/services/<slug:service>/start/", filling.start, name="start"),
    path(_DRAFT, filling.resume, name="draft"),
    path(_DRAFT + "page/<slug:page_id>/", filling.page, name="page"),
    path(_DRAFT + "page/<slug:page_id>/check/", filling.check, name="check"),
    path(_DRAFT + "files/<uuid:attachment_id>/", filling.attachment, name="attachment"),
    path(_DRAFT + "review/", filling.review, name="review"),
    path(_DRAFT + "delete/", filling.delete, name="delete-draft"),
    path(_DRAFT + "receipt/", filling.receipt, name="receipt"),
]
