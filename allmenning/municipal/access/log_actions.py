"""What a row of the log says was done: one table of what looks and what changes.

A reading is explained by what its reader changed afterwards. Looking again, in whatever way, explains nothing. A guard test
holds every action that is written to one of the two.
"""

from __future__ import annotations

LIST = "list"  # names were shown: the row's `shown_ids`
OF_A_PERSON = frozenset({"look-up", "overview"})  # somebody was looked up: they are named among the row's `shown_ids`
REFUSED = "refused"  # somebody disqualified tried, and saw nothing
NOT_GIVEN = "not-given"  # somebody tried to give it to one who is disqualified: the row's `object_id`

# Somebody saw something, or would, and it is as it was.
LOOKS = frozenset(
    {
        *("read", LIST, "open-protected", "print-letter", "break-glass", "look-up", "export", "export-log"),
        *("report", "left-out", "kept-from-log", "timeline", "documents", "review", "tell-outside", REFUSED, NOT_GIVEN),
        "overview",
    }
)
# Somebody did something to a case, or to who may see it.
CHANGES = frozenset(
    {
        *("submit", "ask", "preliminary-reply", "answer", "send-more", "withdraw", "appeal", "ask-for-a-person"),
        *(
            "note",
            "correct-note",
            "letter-language",
            "participant-added",
            "participant-changed",
            "participant-ended",
            "consent-given",
            "consent-withdrawn",
            "assign",
            "task",
            "open-own-case",
            "conclude-phase",
            "extend-deadline",
            "explain-missed",
            "clear-contact",
            "draft-decision",
            "send-for-approval",
            "issue-decision",
        ),
        *("write-record", "end-record", "hand-to-accounts"),
        *("give-access", "give-access-to-another", "refuse-access", "ask-access", "complain-of-access"),
        *("declare-partial", "end-partial", "set-protection", "lower-protection", "keep-from-log", "show-in-log"),
        *("receive",),
        *("mark-printed", "mark-print-failed", "print-again"),
        *("propose-disposal", "approve-disposal", "preserve-case", "confirm-retention", "erase"),
    }
)
READINGS = LOOKS - {LIST, REFUSED, NOT_GIVEN}
