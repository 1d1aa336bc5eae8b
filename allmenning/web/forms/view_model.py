"""What the templates of a form need to know, in one language: plain values, no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allmenning.basics.dates import OSLO
from allmenning.rules.forms import Field, FieldError, Page, Repeat, declared
from allmenning.rules.forms.declared import in_language
from allmenning.rules.forms.pages import Block, Node
from allmenning.rules.forms.pointers import MISSING, get
from allmenning.rules.forms.values import chosen, file_name, shown, typed
from allmenning.rules.forms.words import register_name, say, small

FEW = 6  # answers that are shown as radio buttons; more become a list to choose from
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.heic,.webp,.tif,.tiff,.docx,.xlsx,.odt,.ods,.txt"

_WIDTHS = {declared.DATE: 12, declared.YEAR_MONTH: 10, declared.INTEGER: 10, declared.NUMBER: 10, declared.ORE: 12}
_FORMAT_WIDTHS = {
    "postal-code": 6,
    "national-identity-number": 14,
    "organisation-number": 14,
    "account-number": 16,
    "phone": 16,
}
_MODES = {declared.INTEGER: "numeric", declared.NUMBER: "decimal", declared.ORE: "decimal", declared.DATE: "numeric"}
_FORMAT_MODES = dict.fromkeys(
    ("postal-code", "national-identity-number", "organisation-number", "account-number"), "numeric"
)
_TYPES = {"email": "email", "phone": "tel"}
_AUTOCOMPLETE = {"email": "email", "phone": "tel", "postal-code": "postal-code"}


@dataclass(frozen=True)
class Context:
    """What every field of the page is drawn with."""

    page: Page
    data: Mapping[str, Any]
    raw: Mapping[str, Any]
    messages: Mapping[str, str]
    language: str
    sources: Mapping[str, Any]
    attachments: Mapping[str, Any]
    attachment_url: Callable[[str], str] | None
    picture_url: Callable[[str], str] | None

    def text(self, texts: declared.Text) -> str:
        return in_language(texts, self.language)

    def say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)


def view(node: Node, at: Context) -> dict[str, Any]:
    """A node of the page as the template draws it."""
    if isinstance(node, Repeat):
        return _repeat(node, at)
    if isinstance(node, Field):
        return _field(node, at)
    return _block(node, at)


def _block(block: Block, at: Context) -> dict[str, Any]:
    return {
        "template": block.type,
        "key": block.key,
        "title": at.text(block.title),
        "help": at.text(block.help),
        "nodes": [view(node, at) for node in block.nodes],
    }


def _field(field: Field, at: Context) -> dict[str, Any]:
    spec = field.spec
    value = get(at.data, field.path)
    made = _common(field, at) | {"template": "static" if field.locked else _widget(field)}
    if field.locked:
        return made | {"text": shown(spec, value, at.language)}
    if spec.kind == declared.FILES:
        return made | _files(field, value, at)
    if spec.kind in (declared.CHOICE, declared.YES_NO, declared.CHECKBOXES, declared.CONSENT):
        return made | _options(field, value, at)
    return made | _input(field, value, at)


def _common(field: Field, at: Context) -> dict[str, Any]:
    spec = field.spec
    error = at.messages.get(field.pointer, "")
    source = _source(field, at)
    made = {
        "key": field.key,
        "pointer": field.pointer,
        "name": field.name,
        "id": field.id,
        "target": field.id,
        "label": at.text(spec.title),
        "help": at.text(spec.help),
        "hint": "",
        "error": error,
        "source": source,
        "enabled": field.enabled,
        "controls": field.controls,
        "optional": not (spec.required or spec.sometimes_required or spec.kind == declared.CONSENT),
    }
    return made | {"described_by": _described_by(made)}


def _described_by(made: Mapping[str, Any]) -> str:
    parts = [f"{made['id']}-{part}" for part in ("help", "hint", "source", "error") if made[part]]
    return " ".join(parts)


def _widget(field: Field) -> str:
    spec = field.spec
    wanted = spec.layout.get("format")
    if spec.kind == declared.CHOICE:
        return "select" if wanted == "select" or (wanted != "radio" and len(spec.options) >= FEW) else "radio"
    if spec.kind == declared.DATE:
        return "date-parts" if wanted in ("parts", "date-parts") else "input"
    named = {declared.YES_NO: "radio", declared.LONG_TEXT: "textarea"}
    same_name = (declared.CHECKBOXES, declared.CONSENT, declared.FILES)
    return spec.kind if spec.kind in same_name else named.get(spec.kind, "input")


def _input(field: Field, value: Any, at: Context) -> dict[str, Any]:
    spec, raw = field.spec, at.raw.get(field.pointer)
    text = str(raw) if isinstance(raw, str) else typed(spec, value)
    hints = {declared.DATE: "date-hint", declared.YEAR_MONTH: "year-month-hint"}
    made: dict[str, Any] = {
        "value": text,
        "type": _TYPES.get(spec.format, "text"),
        "size": _FORMAT_WIDTHS.get(spec.format) or _WIDTHS.get(spec.kind),
        "inputmode": spec.layout.get("inputmode") or _FORMAT_MODES.get(spec.format) or _MODES.get(spec.kind),
        "autocomplete": _autocomplete(field),
        "suffix": at.say("kroner") if spec.kind == declared.ORE else "",
        "limit": spec.longest if spec.kind == declared.LONG_TEXT and "maxLength" in spec.schema else None,
        "rows": spec.layout.get("rows", 5),
        "spellcheck": spec.kind == declared.LONG_TEXT,
        "parts": [],
    }
    made["hint"] = at.say(hints[spec.kind]) if spec.kind in hints else ""
    if made["limit"]:
        made["hint"] = at.say("count-limit", number=f"{made['limit']:,}".replace(",", "\u00a0"))
    if _widget(field) == "date-parts":
        made |= _date_parts(field, text, at)
    return made | {"described_by": _described_by({**_common(field, at), **made})}


def _date_parts(field: Field, text: str, at: Context) -> dict[str, Any]:
    values = [*text.split("."), "", "", ""][:3] if text.count(".") == 2 else [text, "", ""]
    purposes = ("bday-day", "bday-month", "bday-year") if _autocomplete(field) == "bday" else (None,) * 3
    parts: list[dict[str, Any]] = [
        {"name": f"{field.name}.{part}", "id": f"{field.id}-{part}", "label": at.say(part), "value": value}
        | {"size": 4 if part == "year" else 2, "autocomplete": purpose}
        for part, value, purpose in zip(("day", "month", "year"), values, purposes, strict=True)
    ]
    return {"parts": parts, "target": parts[0]["id"], "hint": ""}


def _autocomplete(field: Field) -> str | None:
    """The purpose of a field about the person who fills it in; what stands in a list is about somebody else."""
    if any(isinstance(step, int) for step in field.path):
        return "off" if field.spec.format in _AUTOCOMPLETE else None
    written = field.spec.layout.get("autocomplete")
    return str(written) if written else _AUTOCOMPLETE.get(field.spec.format)


def _options(field: Field, value: Any, at: Context) -> dict[str, Any]:
    spec, raw = field.spec, at.raw.get(field.pointer)
    if spec.kind == declared.CHECKBOXES:
        ticked = set(raw if isinstance(raw, list) else chosen(spec, value))
    else:
        ticked = {str(raw)} if isinstance(raw, str) else {typed(spec, value)} - {""}
    options = [
        {
            "key": option.key,
            "label": at.text(option.label),
            "checked": option.key in ticked,
            "id": f"{field.id}-{number}",
        }
        for number, option in enumerate(spec.options)
    ]
    grouped = _widget(field) in ("radio", "checkboxes")
    inline = spec.kind == declared.YES_NO
    return {"options": options, "target": options[0]["id"] if grouped and options else field.id, "inline": inline}


def _files(field: Field, value: Any, at: Context) -> dict[str, Any]:
    several = field.spec.schema.get("type") == "array"
    ids = [str(one) for one in (value if isinstance(value, list) else [] if value is MISSING else [value])]
    files = [
        {
            "id": one,
            "name": file_name(one, at.attachments),
            "size": _size(at.attachments.get(one), at.language),
            "href": at.attachment_url(one) if at.attachment_url and one in at.attachments else "",
            "picture": at.picture_url(one) if at.picture_url and one in at.attachments else "",
            "remove": at.say("remove", label="").strip(),
        }
        for one in ids
    ]
    most = field.spec.most_items if several else 1
    return {
        "files": files,
        "multiple": several,
        "full": len(files) >= most,
        "accept": field.spec.layout.get("accept", ACCEPTED),
    }


def _size(attachment: Any, language: str) -> str:
    size = attachment.get("size") if isinstance(attachment, Mapping) else getattr(attachment, "size", None)
    if not isinstance(size, int):
        return ""
    text = f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"
    return (text if language == "en" else text.replace(".", ",")).replace(" ", "\u00a0")


def _source(field: Field, at: Context) -> str:
    mark = at.sources.get(field.pointer)
    if not isinstance(mark, Mapping):
        return ""
    register = register_name(str(mark.get("source", "")), at.language)
    key = "source-locked" if field.locked else "source"
    return at.say(key, register=register, date=_short_date(mark.get("fetched_at")))


def _short_date(value: Any) -> str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(OSLO)
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else ""


def _repeat(repeat: Repeat, at: Context) -> dict[str, Any]:
    title = at.text(repeat.items[0].title if repeat.items else _one_title(repeat))
    items = [_item(repeat, item, at) for item in repeat.items]
    add_label = at.text(repeat.spec.layout.get("x-add-label", {}))
    return _common(repeat, at) | {
        "template": "repeat",
        "items": items,
        "add": add_label or at.say("add", label=small(title)),
        "can_add": repeat.can_add,
        "optional": False,
        "target": f"{repeat.id}-add" if repeat.can_add else repeat.id,
    }


def _one_title(repeat: Repeat) -> declared.Text:
    return declared.texts(repeat.spec.schema["items"].get("x-title")) or repeat.spec.title


def _item(repeat: Repeat, item: Any, at: Context) -> dict[str, Any]:
    title = f"{at.text(item.title)} {item.number + 1}"
    return {
        "key": f"{repeat.key}-item-{item.number}",
        "id": "f" + item.pointer.replace("/", "-"),
        "pointer": item.pointer,
        "title": title,
        "can_remove": repeat.can_remove,
        "remove": at.say("remove", label=small(title)),
        "nodes": [view(node, at) for node in item.nodes],
    }


def summary_links(page: Page, errors: list[FieldError], nodes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What the error summary lists, with the id of the field that each link leads to."""
    targets = dict(_targets(nodes))
    return [
        {"message": error.full_message, "target": targets.get(error.pointer, ""), "pointer": error.pointer}
        for error in errors
        if error.page in (page.id, None)
    ]


def _targets(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = []
    for node in nodes:
        if "target" in node:
            found.append((node["pointer"], node["target"]))
        found += _targets(node.get("nodes", []))
        for item in node.get("items", []):
            found += _targets(item["nodes"])
    return found
