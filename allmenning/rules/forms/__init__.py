"""Forms: questions declared as data, typed answers, rules about what is shown, and errors in plain words."""

from allmenning.rules.forms.declared import InvalidForm, Spec
from allmenning.rules.forms.errors import FieldError
from allmenning.rules.forms.form import Form, Source
from allmenning.rules.forms.lint import Problem, lint
from allmenning.rules.forms.pages import Field, Page, Repeat
from allmenning.rules.forms.reading import Action, Changes, read_post
from allmenning.rules.forms.summary import Difference, Row, Section

__all__ = [
    "Action",
    "Changes",
    "Difference",
    "Field",
    "FieldError",
    "Form",
    "InvalidForm",
    "Page",
    "Problem",
    "Repeat",
    "Row",
    "Section",
    "Source",
    "Spec",
    "lint",
    "read_post",
]
