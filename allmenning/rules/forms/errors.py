"""What is missing or wrong, said beside the field it is about, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allmenning.basics.money import format_ore
from allmenning.rules.forms import declared
from allmenning.rules.forms.declared import Spec, in_language, texts
from allmenning.rules.forms.pages import Walk, settle
from allmenning.rules.forms.pointers import Path, copied, get, pointer, template_of
from allmenning.rules.forms.values import Unreadable, fault, read
from allmenning.rules.forms.words import ERRORS, say, small

if TYPE_CHECKING:
    from allmenning.rules.forms.form import Form

_CHOICES = ("enum", "oneOf", "anyOf")
_CONDITIONAL = {"then", "else", "allOf", "anyOf", "oneOf", "not", "dependentSchemas", "dependentRequired", "if"}


@dataclass(frozen=True)
class FieldError:
    """Something to correct. `where` names the item of a repeating group («Barn 2»); `code` is for machines."""

    pointer: str
    message: str
    label: str
    page: str | None
    where: str = ""
    code: str = ""

    @property
    def full_message(self) -> str:
        """The message with the item it is about, for lists of errors."""
        return f"{self.message} ({self.where})" if self.where else self.message


@dataclass(frozen=True)
class _Finding:
    path: Path
    code: str
    limit: Any = None
    holder: Mapping[str, Any] | None = None
    conditional: bool = False


def errors(
    form: Form,
    data: Mapping[str, Any],
    language: str,
    page: str | None = None,
    raw: Mapping[str, Any] | None = None,
    sources: Mapping[str, Any] | None = None,
) -> list[FieldError]:
    """One error for each field that has one, in the order of the form; on one page only, if it is named."""
    walk, pruned = settle(form, data, sources)
    return [each for each in _found(form, walk, pruned, language, raw or {}) if page is None or each.page == page]


def examined(form: Form, data: Mapping[str, Any], language: str) -> tuple[list[FieldError], dict[str, Any]]:
    """The same of the whole form, and the data without the answers to hidden questions."""
    walk, pruned = settle(form, data)
    return _found(form, walk, copied(pruned), language, {}), pruned


def _found(form: Form, walk: Walk, pruned: dict[str, Any], language: str, raw: Mapping[str, Any]) -> list[FieldError]:
    """Completes `pruned` on its way."""
    found: dict[Path, _Finding] = {}
    for finding in (*_unread(walk, raw), *_invalid(form, walk, walk.completed(pruned))):
        place = _place(walk, finding)
        if place is not None:
            found.setdefault(place, finding)
    order = {path: number for number, path in enumerate(walk.shown)}
    return [
        _said(form, walk, place, found[place], language)
        for place in sorted(found, key=lambda path: order.get(path, len(order)))
    ]


def _unread(walk: Walk, raw: Mapping[str, Any]) -> Iterator[_Finding]:
    """What was typed and could not be read comes first: it explains why there is no answer."""
    for path, (_, field) in walk.shown.items():
        text = raw.get(pointer(path))
        if text is not None and not field.locked and field.spec.kind in _READABLE:
            try:
                read(field.spec, text if isinstance(text, list) else [str(text)])
            except Unreadable as error:
                yield _Finding(path, error.reason, getattr(error, "limit", None))


_READABLE = {
    declared.TEXT,
    declared.LONG_TEXT,
    declared.INTEGER,
    declared.NUMBER,
    declared.ORE,
    declared.DATE,
    declared.YEAR_MONTH,
    declared.YES_NO,
    declared.CHOICE,
    declared.CONSENT,
    declared.CHECKBOXES,
}


def _invalid(form: Form, walk: Walk, data: dict[str, Any]) -> Iterator[_Finding]:
    for place, (_, field) in walk.shown.items():
        wrong = fault(field.spec, get(data, place))
        if wrong:
            yield _Finding(place, wrong.reason)
    for error in form.validator.iter_errors(data):
        steps = list(error.schema_path)
        code = str(steps[-1]) if steps else "type"
        path: Path = tuple(error.instance_path)
        if code in ("required", "dependentRequired"):
            path, code = (*path, getattr(error.kind, "property", "")), "required"
        holder = _at(form.schema, steps[:-1])
        limit = getattr(error.kind, "limit", getattr(error.kind, "multiple_of", None))
        yield _Finding(path, code, limit, holder, bool(_CONDITIONAL & set(map(str, steps[:-1]))))


def _at(schema: Any, steps: Sequence[str | int]) -> Mapping[str, Any] | None:
    for step in steps:
        try:
            schema = schema[step]
        except (LookupError, TypeError):
            return None
    return schema if isinstance(schema, Mapping) else None


def _place(walk: Walk, finding: _Finding) -> Path | None:
    """The field that an error is said beside: the one it is in, else the first one inside. None: nobody can answer."""
    path = finding.path
    if any(path[:end] in walk.hidden for end in range(len(path) + 1)):
        return None
    for end in range(len(path), 0, -1):
        if path[:end] in walk.shown:
            field = walk.shown[path[:end]][1]
            if finding.code == "required" and end == len(path) and (field.locked or not field.enabled):
                return None
            return path[:end]
    if not path:
        return path
    inside = next((place for place in walk.shown if place[: len(path)] == path), None)
    if inside is None and any(place[: len(path)] == path for place in walk.hidden):
        return None
    return path if inside is None or finding.code == "required" else inside


def _said(form: Form, walk: Walk, place: Path, finding: _Finding, language: str) -> FieldError:
    page, field = walk.shown.get(place, (None, None))
    spec = field.spec if field else form.specs.get(template_of(place))
    title = in_language(spec.title, language) if spec else ""
    exact = place == finding.path or finding.code in ERRORS or bool(spec and spec.options)
    message = _own_words(spec, finding, language) or _plain_words(spec, title, finding, language, exact)
    return FieldError(pointer(place), message, title, page, where(form, place, language), finding.code)


def _own_words(spec: Spec | None, finding: _Finding, language: str) -> str:
    """What the service's author wrote: in the schema that failed if it is a condition, else in the field's."""
    if finding.code == "unsafe":
        return ""
    candidates = [finding.holder if finding.conditional or finding.code != "required" else None]
    candidates.append(spec.schema if spec else None)
    for schema in candidates:
        written = (schema or {}).get("x-error")
        if isinstance(written, Mapping):
            named = written.get(finding.code)
            text = in_language(texts(named if isinstance(named, Mapping) else written), language)
            if text:
                return text
    return ""


def _plain_words(spec: Spec | None, title: str, finding: _Finding, language: str, exact: bool) -> str:
    if spec is None or not exact:
        return say("together", language)
    code = _required(spec, title) if finding.code == "required" else finding.code
    if spec.kind == declared.CONSENT and code in ("const", "enum"):
        code = "required-consent"
    elif code in _CHOICES or (code == "const" and spec.options):
        code = "choice" if spec.options else "together"
    if code == "minItems" and finding.limit == 1:
        code = _required(spec, title)
    if code == "format" and spec.format in ERRORS:
        code = spec.format
    if title.endswith("?") and not _quotes(code, language):
        title = say("answer-to", language, title=title)
    return say(
        code if code in ERRORS else "format",
        language,
        title=title,
        label=small(title),
        limit=_limit(spec, finding, language),
    )


def _quotes(code: str, language: str) -> bool:
    """Whether the wording for this code puts the title in quotation marks by itself."""
    return say(code if code in ERRORS else "format", language, title="\0", label="", limit="")[:1] != "\0"


def _required(spec: Spec, title: str) -> str:
    if spec.kind == declared.CONSENT:
        return "required-consent"
    if title.endswith("?"):
        return "required-question"
    if spec.kind in (declared.CHOICE, declared.YES_NO, declared.CHECKBOXES):
        return "required-choice"
    return {declared.FILES: "required-file", declared.REPEAT: "required-repeat"}.get(spec.kind, "required")


def _limit(spec: Spec, finding: _Finding, language: str) -> str:
    limit = finding.limit
    if spec.kind == declared.ORE and isinstance(limit, int | float) and finding.code != "multipleOf":
        return format_ore(int(limit), language)
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    return str(limit) if language == "en" else str(limit).replace(".", ",")


def where(form: Form, path: Path, language: str) -> str:
    """The items that a field is in: «Barn 2»."""
    named = []
    for end, step in enumerate(path):
        if isinstance(step, int):
            spec = form.specs.get(template_of(path[:end]))
            if spec and spec.kind == declared.REPEAT:
                named.append(f"{in_language(item_title(spec), language)} {step + 1}")
    return ", ".join(named)


def item_title(spec: Spec) -> declared.Text:
    """What one item of a repeating group is called."""
    return texts(spec.schema["items"].get("x-title") or spec.layout.get("x-item-title")) or spec.title
