"""Verdicts, from tests/cases/verdicts.json."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.delivery.client import verdict

CASES = orjson.loads((Path(__file__).parents[2] / "cases" / "verdicts.json").read_bytes())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_verdict(case: dict[str, Any]) -> None:
    assert (
        verdict(
            case["user_agent"],
            is_head=case.get("method") == "HEAD",
            is_click=case.get("click", False),
            announced_prefetch=case.get("sec_purpose", "").startswith("prefetch"),
        )
        == case["verdict"]
    )
