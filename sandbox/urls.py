"""Every address of the sandbox. The namespace is the name by which a stand-in can be told to misbehave."""

from django.urls import include, path, re_path

from . import (
    addresses,
    altinn,
    control,
    enhetsregisteret,
    fiks,
    folkeregister,
    husbanken,
    kontaktregister,
    login,
    maskinporten,
    messages,
    pages,
    skatteetaten,
)

urlpatterns = [
    path("", pages.front),
    path("static/<str:name>", pages.static),
    path("_control", control.control),
    path("people", pages.people),
    path("idporten/", include((login.urlpatterns, "login"), namespace="idporten"), {"portal": "idporten"}),
    path("ansattporten/", include((login.urlpatterns, "login"), namespace="ansattporten"), {"portal": "ansattporten"}),
    path("maskinporten/", include((maskinporten.urlpatterns, "maskinporten"))),
    path("folkeregister/", include((folkeregister.urlpatterns, "folkeregister"))),
    path("enhetsregisteret/", include((enhetsregisteret.urlpatterns, "enhetsregisteret"))),
    path("kontaktregister/", include((kontaktregister.urlpatterns, "kontaktregister"))),
    path("adresser/", include((addresses.urlpatterns, "addresses"))),
    path("skatteetaten/", include((skatteetaten.urlpatterns, "skatteetaten"))),
    path("altinn/", include((altinn.urlpatterns, "altinn"))),
    path("husbanken/", include((husbanken.urlpatterns, "husbanken"))),
    re_path(r"^fiks/?$", fiks.overview),
    path("fiks/send", fiks.send_example),
    path("fiks/key", fiks.publish_key),
    path("fiks/", include((fiks.urlpatterns, "fiks"))),
    path("sms/", include((messages.sms_urlpatterns, "sms"))),
    re_path(r"^mail/?$", messages.mail),
]
