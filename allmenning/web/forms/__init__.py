"""Forms on a page: a page of a form as HTML, its answers as HTML, and the check of a field that was left.

In a view:

    page = form.page(page_id, draft.data, draft.sources)
    markup = render_page(page, draft.data, draft.raw, errors, "nb", draft.sources, attachments, {"check": check_url})

and in the template, with the buttons that go on and back (a button without a name goes on):

    <form method="post" enctype="multipart/form-data" novalidate>{{ csrf_input }}{{ markup }} … </form>

with `web/forms.css` and `web/forms.js` in the head.
"""

from allmenning.web.forms.rendering import check_page, render_page, render_summary

__all__ = ["check_page", "render_page", "render_summary"]
