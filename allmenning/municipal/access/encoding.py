"""A log row as the bytes that are sealed: the leaf of the log's tree. docs/log.md has the rule, for whoever verifies a log.

The rule can't be changed: the leaves that are sealed by it stay. A column that is added later is left out where it is
empty, so the rows from before it have the same leaf as ever.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from .models import LogEntry


def encoded(entry: LogEntry) -> bytes:
    """The leaf of a row: its columns that are not empty, as JSON with sorted names and no spaces, in UTF-8."""
    columns = {field.column: _written(getattr(entry, field.attname)) for field in LogEntry._meta.concrete_fields}
    filled = {name: value for name, value in columns.items() if value not in (None, "", [])}
    return json.dumps(filled, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _written(value: Any) -> Any:
    """Times in UTC with microseconds, ids as they are written, bytes in hexadecimal."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case UUID():
            return str(value)
        case bytes() | memoryview():
            return bytes(value).hex()
        case list():
            return [_written(each) for each in value]
    return value
