"""Sends every form of a page with what can't be kept, and looks at what comes back."""

from urllib.parse import urljoin

from lxml import html

WRONG = "x\u202ey"  # turns text around: no text, no day, no amount, no number


def refused_forms(client, *addresses):
    """How many forms were sent: each is refused, its summary leads to its own fields, and all that was typed comes back."""
    sent = 0
    for address in addresses:
        for form in forms_of(client.get(address)):
            values = typed_in(form)
            answer = client.post(urljoin(address, form.get("action") or ""), values)
            assert answer.status_code == 400, (address, values)
            assert_leads_to_what_is_wrong(answer, address)
            assert [got for got in map(values_of, forms_of(answer)) if got == values], (address, values)
            sent += 1
    return sent


def forms_of(page):
    """The forms that somebody types in."""
    found = html.fromstring(page.content.decode()).xpath("//main//form[@method='post']")
    return [form for form in found if form.xpath(".//input[@type='text' or @type='date' or not(@type)]|.//textarea")]


def typed_in(form):
    """Every text wrong, the last of each choice, every tick."""
    values = values_of(form)
    for control in form.xpath(".//input|.//textarea|.//select"):
        if control.tag == "select":
            values[control.name] = control.value_options[-1:]
        elif control.get("type") == "checkbox":
            values[control.name] = [each.get("value") for each in form.xpath(f".//input[@name='{control.name}']")]
        elif control.get("type") not in ("hidden", "file"):
            values[control.name] = [WRONG]
    return values


def values_of(form):
    """What a browser would send, without files."""
    values = {}
    for name, value in form.form_values():
        if name != "csrfmiddlewaretoken":
            values.setdefault(name, []).append(value)
    return values


def assert_leads_to_what_is_wrong(page, address):
    tree = html.fromstring(page.content.decode())
    led_to = [link.get("href")[1:] for link in tree.xpath("//*[@data-error-summary]//a")]
    assert led_to, address
    assert all(": " in link.text for link in tree.xpath("//*[@data-error-summary]//a")), address
    for id in led_to:
        (field,) = tree.xpath(f"//*[@id='{id}']")
        assert field.get("aria-invalid") == "true", (address, id)
        assert all(len(tree.xpath(f"//*[@id='{each}']")) == 1 for each in field.get("aria-describedby").split())
    assert len(tree.xpath("//*[@aria-invalid='true']")) == len(led_to), address
