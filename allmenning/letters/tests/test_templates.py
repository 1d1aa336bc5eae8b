import pytest

from allmenning.letters import check_letter_template, fields_used
from allmenning.letters.words import LANGUAGES, WORDS

GOOD = "# Vedtak for {{ child.name }}\n\n## Grunner\n\n{{ decision.reasons }}\n\n[Min side](https://averoy.example)\n"


def test_a_good_template_has_no_problems():
    assert check_letter_template(GOOD, {"child.name", "decision.reasons"}) == []


def test_the_fields_of_a_template_are_known():
    assert fields_used(GOOD) == {"child.name", "decision.reasons"}


@pytest.mark.parametrize(
    ("template", "code", "line"),
    [
        ("# A\n\n{{ other }}", "UnknownField", 3),
        ("# A\n\n{{ a.__class__ }}", "BrokenField", 3),
        ("# A\n\n\n{{ a | safe }}", "BrokenField", 4),
        ("# A\n\n{% if a %}{{ a }}{{", "BrokenField", 3),
        ("# A\n\n<b>x</b>", "NotAllowedInLetter", 3),
        ("# A\n\n<script>\nx\n</script>", "NotAllowedInLetter", 3),
        ("# A\n\n![x](y.png)", "NotAllowedInLetter", 3),
        ("# A\n\n    code", "NotAllowedInLetter", 3),
        ("# A\n\n[x](file:///etc/passwd)", "NotAllowedInLetter", 3),
        ("# A\n\n[x](https://x.example/{{a}})", "NotAllowedInLetter", 3),
        ("# A\n\n[x](https://x.example/{{ a }})", "NotAllowedInLetter", 3),
        ("# A\n\n# B", "SecondTitle", 3),
        ("# A\n\n### B", "HeadingSkipsLevel", 3),
        ("A", "NoTitle", 1),
        ("", "NoTitle", 1),
    ],
)
def test_each_problem_is_named_with_its_line(template, code, line):
    assert (line, code) in [(problem.line, problem.code) for problem in check_letter_template(template, {"a"})]


def test_every_word_is_in_every_language():
    assert all(set(texts) == set(LANGUAGES) and all(texts.values()) for texts in WORDS.values())
