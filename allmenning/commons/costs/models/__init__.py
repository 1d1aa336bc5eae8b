"""Agreements, what costs, its settlement, and what is billed and paid. In the commons: nothing of it is about a person.

All of it is rows about what happened: none is changed or removed, which triggers hold (migration `0003_rows_never_change`).
"""

from .agreements import PublishedAgreement
from .bills import BillFile, BillingDetails, BillLine, IssuedBill, Payment
from .costs import Budget, CostAttachment, CostBatch, CostLine, Grant, MeasuredUse, TakenOut
from .settlements import (
    Answer,
    Comment,
    Correction,
    CorrectionSettled,
    Settlement,
    SettlementApproval,
    SettlementIssue,
    SettlementWithdrawal,
)

__all__ = [
    "Answer",
    "BillFile",
    "BillLine",
    "BillingDetails",
    "Budget",
    "Comment",
    "Correction",
    "CorrectionSettled",
    "CostAttachment",
    "CostBatch",
    "CostLine",
    "Grant",
    "IssuedBill",
    "MeasuredUse",
    "Payment",
    "PublishedAgreement",
    "Settlement",
    "SettlementApproval",
    "SettlementIssue",
    "SettlementWithdrawal",
    "TakenOut",
]
