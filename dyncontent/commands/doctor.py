"""`dyncontent doctor`."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from dyncontent.commands.plain import JSON_OPTION, plain_errors, say
from dyncontent.doctor.examine import examine
from dyncontent.doctor.finding import Finding

_MARKS = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}


@click.command()
@JSON_OPTION
def doctor(as_json: bool) -> None:
    """Name what is unsafe, each with what to do.

    Looks at the store (reached, durable, evicting only cache, its clock and memory), signing keys,
    API tokens, the public address, allowed hosts, disk, memory, libraries and fonts, with the
    settings of the environment. An embedded store that does not run is started meanwhile.

    Exit code: 0 without errors (there may be warnings), 1 with errors, 2 for wrong usage.
    """
    with plain_errors(as_json):
        findings = asyncio.run(examine())
    errors, warnings = (
        sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    )
    told = {
        "errors": errors,
        "warnings": warnings,
        "findings": [asdict(finding) for finding in findings],
    }
    say(_written(findings, errors, warnings), told, as_json)
    sys.exit(1 if errors else 0)


def _written(findings: Sequence[Finding], errors: int, warnings: int) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.severity]}  {finding.check}: {finding.found}")
        if finding.advice:
            lines.append(f"         → {finding.advice}")
    return "\n".join((*lines, "", f"errors: {errors}, warnings: {warnings}"))
