"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at (`check`), what was found, and what to do, which is empty if it is well.
    An error is unsafe as it is; a warning may be meant so."""

    check: str
    severity: Severity
    found: str
    advice: str = ""


def well(check: str, found: str) -> Finding:
    return Finding(check, "ok", found)
