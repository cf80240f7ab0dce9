"""The checks of scenarios end a run in which an answer is wrong."""

import sys
from dataclasses import replace

import pytest

from benchmarks import scenarios
from benchmarks.cards import CRUISE, Cards
from benchmarks.peers.opens import block
from benchmarks.site import CARD, Site
from benchmarks.trial import in_closed_loop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
TITLE = "a cruise"
"""As the site has it."""


def _personal(opened: Site, title: str = TITLE) -> None:
    contestant = scenarios.personal(opened, scenarios.ours(opened), Cards(), title)
    in_closed_loop(contestant, 600, opened.store_pid)


def test_everybody_gets_their_own_picture(opened: Site) -> None:
    _personal(opened)


def test_somebody_else_s_picture_ends_the_run(opened: Site) -> None:
    first, *others = opened.links[CARD]
    links = {**opened.links, CARD: [*others, first]}
    with pytest.raises(SystemExit, match="4 × somebody else's picture"):
        _personal(replace(opened, links=links))


def test_an_own_picture_of_before_ends_the_run(opened: Site) -> None:
    path = f"products/{CRUISE}"
    block.accepted(opened.api.patch(path, json={"title": "another cruise"}))
    try:
        with pytest.raises(SystemExit, match="4 × another body"):
            _personal(opened)
    finally:
        block.accepted(opened.api.patch(path, json={"title": TITLE}))


def test_the_fallback_ends_the_run(opened: Site) -> None:
    damaged = [replace(one, image=scenarios._damaged(one.image)) for one in opened.links[CARD]]
    links = {**opened.links, CARD: [opened.links[CARD][0], *damaged[1:]]}
    with pytest.raises(SystemExit, match="3 × the fallback"):
        _personal(replace(opened, links=links))
