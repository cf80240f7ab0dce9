"""Opens and clicks on a cluster of several nodes, one of which is lost."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import samples
from tests.clusters import Clustered, cluster
from tests.samples import GREEN, GREY, HOST, RED
from tests.site import Site, running_site, site_settings

pytestmark = pytest.mark.anyio

PEOPLE = tuple(f"person-{number}" for number in range(24))
PLAIN = samples.block(
    samples.variant("rome", RED, "{{ offer.link }}", offer={"product": "rome"}),
    samples.variant("other", GREEN, f"https://{HOST}/other"),
)


@pytest.fixture
def clustered(tmp_path: Path) -> Iterator[Clustered]:
    with cluster(tmp_path) as started:
        yield started
    gc.collect()  # redis-py leaves its connections to a lost node unclosed


def _prefix(clustered: Clustered) -> str:
    """With which the last node has people alone."""
    last = clustered.ports[-1]
    names = (f"t{number}" for number in range(1000))
    return next(
        name
        for name in names
        if last not in {clustered.port_of(f"{{{name}}}:x"), clustered.port_of(f"{name}:events")}
    )


async def _fill(site: Site) -> None:
    await site.fill()
    await site.publish(PLAIN)
    for person in PEOPLE:
        await site.do("PUT", f"recipients/{person}", {"consents": samples.CONSENTS})


async def _colours(site: Site) -> set[str]:
    return {await site.colour(recipient=person) for person in PEOPLE}


async def _targets(site: Site) -> set[str]:
    return {(await site.click(recipient=one)).headers["location"] for one in PEOPLE}


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore:loop is closed")
async def test_opens_and_clicks_are_answered_and_recorded_on_every_node(
    clustered: Clustered, tmp_path: Path
) -> None:
    prefix = _prefix(clustered)
    settings = site_settings(tmp_path, prefix, budget_ms=1000)
    homes = {person: clustered.port_of(f"{prefix}:recipient:{person}") for person in PEOPLE}
    assert set(homes.values()) == set(clustered.ports)
    events = clustered.nodes[clustered.port_of(f"{prefix}:events")]
    async with running_site(settings, clustered.url) as site:
        await _fill(site)
        for _ in range(2):
            assert await _colours(site) == {RED}
            assert await _targets(site) == {samples.PRODUCTS["rome"]["link"]}
        assert events.xlen(f"{prefix}:events") == 4 * len(PEOPLE)
        await site.do("PATCH", "products/rome", {"stock": 0})
        assert await _colours(site) == {GREEN}
        assert await _colours(site) == {GREEN}
        assert await _targets(site) == {f"https://{HOST}/other"}

        lost = clustered.ports[-1]
        clustered.kill(lost)
        for person in PEOPLE:
            shown = await site.colour(recipient=person)
            assert shown == (GREY if homes[person] == lost else GREEN)
            clicked = await site.click(recipient=person)
            assert clicked.status_code == 302
            assert clicked.headers["location"].startswith(f"https://{HOST}/")
