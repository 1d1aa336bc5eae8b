"""Words for what waits at the office, in the language of the page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmenning.commons.costs import saying
from allmenning.journeys import waiting_at_office as waiting
from allmenning.journeys.waiting_at_office import Waiting

from . import plan_words, pool_words, words


def title(each: Waiting) -> str:
    """What is to be done."""
    if each.what == waiting.TO_ANSWER:
        return ngettext("Answer %(num)s comment", "Answer %(num)s comments", int(each.number)) % {"num": each.number}
    return {
        waiting.TO_DRAFT: _("Make a draft of a settlement"),
        waiting.TO_APPROVE: _("Approve a settlement"),
        waiting.TO_ISSUE: _("Issue an approved settlement"),
        waiting.TO_COMMENT: _("Look at your share, and comment on it"),
        waiting.TO_DECIDE: _("Waits for the council"),
        waiting.TO_STATE: _("Give a statement"),
        waiting.TO_ANSWER_MEMBER: _("Answer an elected member"),
        waiting.TO_GRANT: _("Decide on an application"),
        waiting.TO_PAY_IN: _("Pay what you owe the pool"),
        waiting.TO_PAY: _("Pay invoice %(number)s") % {"number": each.number},
        waiting.TO_PAY_BACK: _("Pay back credit note %(number)s") % {"number": each.number},
        waiting.OVERDUE: _("Not paid in time: invoice %(number)s") % {"number": each.number},
    }[each.what]


def about(each: Waiting) -> str:
    """Of what."""
    if each.asked:
        return each.asked.proposal.title
    if each.matter and each.due:
        title = plan_words.plain(each.matter.known.text.title)
        return _("%(title)s, by %(day)s") % {"title": title, "day": words.day(each.due)}
    if each.application:
        applied = {"title": each.application.title, "party": pool_words.party(each.application.party)}
        return _("%(title)s, from %(party)s") % applied
    if each.what == waiting.TO_PAY_IN and each.agreement:
        return f"{words.title(each.agreement)}, {words.money(each.ore)}"
    if each.due:
        day = {"amount": words.money(each.ore), "day": words.day(each.due)}
        return _("%(amount)s, due %(day)s") % day
    assert each.agreement
    assert each.start
    assert each.end
    of = f"{words.title(each.agreement)}, {saying.period(each.start, each.end)}"
    return _("%(period)s: %(amount)s entered") % {"period": of, "amount": words.money(each.ore)} if each.ore else of


def href(each: Waiting) -> str:
    """Where it is done."""
    if each.asked:
        return reverse("office:agenda")
    if each.matter:
        return reverse("office:matter", kwargs=each.matter.which._asdict())
    if each.bill:
        return reverse("office:bill", kwargs={"bill": each.bill})
    assert each.agreement
    if each.application:
        which = {"agreement": each.agreement.id, "application": each.application.id}
        return reverse("office:pool-application", kwargs=which)
    if each.what == waiting.TO_PAY_IN:
        return reverse("office:pool-keep", kwargs={"agreement": each.agreement.id})
    if each.what == waiting.TO_DRAFT:
        return reverse("office:settlements-of", kwargs={"agreement": each.agreement.id})
    return reverse("office:settlement", kwargs={"agreement": each.agreement.id, "settlement": each.settlement})
