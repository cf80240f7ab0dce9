"""The demo's pages: an inbox with the emails of the scenarios, and the shop that they lead to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dyncontent.delivery.click import NOTICE
from dyncontent.demo.load import DEMO_FILE
from dyncontent.demo.steps import STEPS

_ENVIRONMENT = Environment(
    loader=PackageLoader(__package__), autoescape=select_autoescape(), trim_blocks=True
)
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; "
    "img-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
}


def routes(data_dir: Path) -> list[Route]:
    async def inbox(_: Request) -> Response:
        try:
            demo = orjson.loads((data_dir / DEMO_FILE).read_bytes())
        except FileNotFoundError:
            return HTMLResponse("The demo is being loaded: try again in a moment.", 503)
        return _page("inbox.html", scenarios=_scenarios(demo["scenarios"]))

    async def shop(request: Request) -> Response:
        place = request.path_params["place"].replace("/", " · ")
        return _page("shop.html", place=place, ended=NOTICE in request.url.query)

    return [Route("/demo/", inbox), Route("/demo/shop/{place:path}", shop)]


Entry = Mapping[str, str]


class Scenario(NamedTuple):
    """Emails that begin with a block, each the entries of the blocks in it, and the steps that
    change them."""

    block: str
    emails: list[list[tuple[str, Entry]]]
    steps: Sequence[str]


def _scenarios(blocks: Mapping[str, Sequence[Entry]]) -> list[Scenario]:
    """Blocks of one message to one person stand in one email."""
    begun: dict[tuple[str, str], list[tuple[str, Entry]]] = {}
    scenarios = []
    for block, entries in blocks.items():
        emails = []
        for entry in entries:
            key = entry["recipient"], entry["message"]
            if key not in begun:
                emails.append(begun.setdefault(key, []))
            begun[key].append((block, entry))
        if emails:
            steps = [name for name, step in STEPS.items() if step.block == block]
            scenarios.append(Scenario(block, emails, steps))
    return scenarios


def _page(name: str, **values: object) -> Response:
    return HTMLResponse(_ENVIRONMENT.get_template(name).render(values), headers=_HEADERS)
