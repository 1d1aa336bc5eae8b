"""The desk's addresses. The administrator's pages have a module of their own."""

from importlib.util import find_spec

from django.urls import include, path

from .views import login, work_list

app_name = "desk"

_ADMINISTRATION = "allmenning.doors.desk.administration_urls"

urlpatterns = [
    path("", work_list.work_list, name="front"),
    path("find/", work_list.find, name="find"),
    path("login/", login.login, name="login"),
    path("login/start/", login.start, name="login-start"),
    path("login/callback/", login.callback, name="login-callback"),
    path("choose/", login.choose, name="choose"),
    path("logout/", login.logout, name="logout"),
]

if find_spec(_ADMINISTRATION):
    urlpatterns.append(path("administration/", include(_ADMINISTRATION)))
