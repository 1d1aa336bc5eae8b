"""Service packages: a service is a folder of data, read, checked and tried out here. No Django, no database.

    package = load("services/inquiry")           # a ServicePackage: frozen, attributes by name
    package.title.nn, package.outcome("answered").appeal.allowed, package.sha256
    package.letter_template("answered", "nb")    # Markdown with {{ named.fields }}
    check("services/inquiry")                    # [] or a list of Problem(file, where, message, level)
    run_examples(package)                        # [ExampleResult(name, passed, failures, decision)]
    decide(package, form, on=today(), confirmed={"children"}, adjusted={"maximum_price_ore": 100_000})
    from_files(files)                            # the same package from the files of a published version

What the folder holds, and how to write one, is told in `docs/writing-a-service.md`.
"""

from allmenning.commons.catalogue.checks import LETTER_FIELDS, RECEIVERS, UNIT_KINDS, Problem, check, check_files
from allmenning.commons.catalogue.content import (
    Access,
    Adjustable,
    Appeal,
    Comparison,
    Dated,
    DatedRow,
    Deadline,
    Grant,
    LegalBasis,
    NoSuchLetter,
    NoSuchOutcome,
    NoSuchPackage,
    NoSuchRecordKind,
    OutcomeKind,
    Retention,
    ServicePackage,
    State,
    Step,
    Text,
    UnreadablePackage,
    Value,
)
from allmenning.commons.catalogue.deciding import (
    Decision,
    InvalidAdjustment,
    check_adjustment,
    decide,
    duration_after,
    values_on,
    written,
)
from allmenning.commons.catalogue.examples import ExampleResult, run_example, run_examples
from allmenning.commons.catalogue.reading import from_files, load, read_folder
from allmenning.commons.catalogue.records import RecordKind

__all__ = [
    "LETTER_FIELDS",
    "RECEIVERS",
    "UNIT_KINDS",
    "Access",
    "Adjustable",
    "Appeal",
    "Comparison",
    "Dated",
    "DatedRow",
    "Deadline",
    "Decision",
    "ExampleResult",
    "Grant",
    "InvalidAdjustment",
    "LegalBasis",
    "NoSuchLetter",
    "NoSuchOutcome",
    "NoSuchPackage",
    "NoSuchRecordKind",
    "OutcomeKind",
    "Problem",
    "RecordKind",
    "Retention",
    "ServicePackage",
    "State",
    "Step",
    "Text",
    "UnreadablePackage",
    "Value",
    "check",
    "check_adjustment",
    "check_files",
    "decide",
    "duration_after",
    "from_files",
    "load",
    "read_folder",
    "run_example",
    "run_examples",
    "values_on",
    "written",
]
