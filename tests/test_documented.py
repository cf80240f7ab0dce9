"""What there is stands in the docs, and what stands in the docs is there."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from dyncontent.access.scope import Scope
from dyncontent.api.reference.page import PATH as REFERENCE
from dyncontent.catalog.glyphs import MISSING_GLYPH
from dyncontent.catalog.review import FALLBACK_SELLS
from dyncontent.catalog.weight import OVER_BUDGET
from dyncontent.delivery.amiss import Amiss
from dyncontent.delivery.click import SHOWN
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.serve import PREFIXES
from dyncontent.metrics import Metrics
from rules.analyse import Problem
from rules.decide import Detail, Reason
from rules.facts import ATTRIBUTE_GROUPS, FIELDS, FactType
from rules.tree import schema
from tests.dyncontent.api.test_access import OPERATIONS
from tests.site import Site

ROOT = Path(__file__).parents[1]
METHODS = ("GET", "PUT", "PATCH", "POST", "DELETE")

Row = list[str]


def _section(page: str, heading: str = "") -> str:
    """The text of a page under a heading, up to the next of its level."""
    text = (ROOT / "docs" / page).read_text()
    if not heading:
        return text
    level = heading.partition(" ")[0]
    found = text.partition(f"\n{heading}\n")[2]
    assert found, heading
    return re.split(rf"\n{level} ", found)[0]


def _rows(text: str) -> Iterator[Row]:
    """The cells of the tables."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and not re.fullmatch("-+", cells[0]):
            yield cells


def _codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.anyio
async def test_every_operation(site: Site) -> None:
    described = (await site.client.get("/api/v1/openapi.json")).json()["paths"]
    there = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, item in described.items()
        for method in item
    }
    paths = {path for _, path in there}
    told = {one for call, *_ in _rows(_section("api.md")) for one in _calls(_codes(call), paths)}
    assert there - told == set(), "are not in docs/api.md"
    assert told - there == set(), "are in docs/api.md alone"


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_with_its_calls(scope: Scope) -> None:
    """Segment's are told by the start of their paths."""
    there = {
        (one.method, one.path.removeprefix("/api/v1"))
        for one in OPERATIONS
        if one.path.startswith("/api/v1/")
    }
    paths = {path for _, path in there}
    rows = list(_rows(_section("api.md", "## Tokens and scopes")))[1:]
    [cell] = [calls for name, calls in rows if _codes(name) == [scope]]
    told = {
        call
        for part in cell.split(";")
        for call in _calls([code for code in _codes(part) if code != "/v1"], paths)
    }
    assert told == {
        (one.method, one.path.removeprefix("/api/v1"))
        for one in OPERATIONS
        if one.scope is scope and one.path.startswith("/api/v1/")
    }


def test_segments_calls_need_one_scope() -> None:
    assert {one.scope for one in OPERATIONS if one.path.startswith("/v1/")} == {Scope.WRITE_FACTS}


def _calls(codes: list[str], paths: set[str]) -> Iterator[tuple[str, str]]:
    """`PUT`, `GET /blocks/{id}`, `/blocks/{id}/archive`, `/unarchive`: methods stand before the
    first of their paths, and a path may begin where the one before has its last step."""
    methods: list[str] = []
    before = ""
    is_told = False
    for code in codes:
        method, _, path = code.partition(" ")
        if method in METHODS:
            methods = [method] if is_told else [*methods, method]
            is_told = False
        else:
            path = code
        path = path.partition("?")[0]
        if not path.startswith("/") or not methods:
            continue
        if path not in paths:
            path = before.rpartition("/")[0] + path
        before = path
        is_told = True
        yield from ((method, path) for method in methods)


@pytest.mark.anyio
async def test_every_path_that_needs_no_token(site: Site) -> None:
    """Of opens, of operations, and of what the API says of itself."""
    planes = site.app._planes  # type: ignore[attr-defined]
    routes = [route for route in planes.routes if not isinstance(route, Mount)]
    assert all(isinstance(route, Route) for route in routes)
    paths = {route.path for route in routes} - {"/", f"{REFERENCE}/{{name}}"}
    assert {REFERENCE, "/health/live", "/metrics"} <= paths
    everything = "".join(map(_section, ("api.md", "events.md", "operations.md", "urls.md")))
    for path in (*paths, *PREFIXES):
        assert path in everything, path


def test_every_code_of_a_problem() -> None:
    literals, names = set(), set()
    for source in (ROOT / "dyncontent").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            match node:
                case ast.Constant(value=str() as text):
                    literals.add(text)
                case ast.Call(
                    func=ast.Name(id="ProblemError"),
                    args=[_, ast.Constant(value=str() as code), *_],
                ):
                    names.add(code)
    rows = [row for row in _rows(_section("api.md", "## Errors")) if row[0].isdigit()]
    told = {code for row in rows for code in _codes(row[1])}
    docs = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    assert [name for name in sorted(names) if f"`{name}`" not in docs] == []
    there = literals | set(Fault) | {status.name for status in HTTPStatus}
    assert told - there == set(), "are in docs/api.md alone"


def test_every_reason_and_detail() -> None:
    rows = list(_rows(_section("operations.md", "## Reasons")))[1:]
    reasons = {code for reason, *_ in rows for code in _codes(reason)}
    details = {code for _, detail, *_ in rows for code in _codes(detail)}
    assert reasons == set(Reason)
    assert details == {*Detail, *Fault, *Amiss, SHOWN}


def test_every_metric() -> None:
    families = Metrics()._registry.collect()
    there = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("dyncontent_")
    }
    told = set(re.findall(r"`(dyncontent_\w+)`", _section("operations.md")))
    assert told == there


def test_every_operator() -> None:
    rows = list(_rows(_section("conditions.md", "## Operators")))[1:]
    told = {code for operator, *_ in rows for code in _codes(operator)}
    assert told == set(schema()["discriminator"]["mapping"])


def test_every_fact() -> None:
    told: dict[str, set[str]] = {}
    for sources, names, *_ in list(_rows(_section("conditions.md", "## Facts")))[1:]:
        for source in _codes(sources):
            kind = source.partition(".")[0]
            told.setdefault(kind, set()).update(_codes(names))
    for kind, fields in FIELDS.items():
        last_steps = {field.rpartition(".")[2] for field in fields}
        assert last_steps <= told[kind], kind
    for kind, group in ATTRIBUTE_GROUPS.items():
        assert f"{group}.NAME" in told[kind]


def test_every_type_of_an_attribute() -> None:
    text = _section("conditions.md", "## Facts")
    told = set(_codes(text.partition("Types: ")[2].partition(".")[0]))
    assert told == set(FactType)


def test_every_warning_about_a_block() -> None:
    rows = list(_rows(_section("conditions.md", "## Warnings")))[1:]
    told = {code for problem, *_ in rows for code in _codes(problem)}
    assert told == {*Problem, FALLBACK_SELLS, OVER_BUDGET, MISSING_GLYPH}


def test_every_url_that_is_amiss() -> None:
    rows = _rows(_section("embedding.md"))
    told = {code for code, *_ in rows}
    assert {f"`{code}`" for code in Amiss} <= told
