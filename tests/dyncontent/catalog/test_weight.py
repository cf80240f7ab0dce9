"""How many bytes a block's pictures have."""

import random
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from dyncontent.catalog import weight
from dyncontent.store.store import Store
from renderers.canvas import Filled
from renderers.encode import ImageType
from tests import samples
from tests.samples import BLOCK, HOST, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

HOME = f"https://{HOST}/"
LEAST = {"budget": 5000}


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight, "_SIZES", type(weight._SIZES)())


def grain(seed: int = 1) -> bytes:
    """An upload that no file holds in 5000 bytes."""
    chance = random.Random(seed).randbytes(3 * 180 * 120)
    output = BytesIO()
    Image.frombytes("RGB", (180, 120), chance).save(output, "PNG")
    return output.getvalue()


async def upload(site: Site, seed: int = 1) -> str:
    uploaded = await site.do("POST", "assets", grain(seed))
    name: str = uploaded["id"]
    return name


def filling(picture: str) -> dict[str, Any]:
    return {"kind": "picture", "picture": picture, "x": 0, "y": 0, "width": 60, "height": 40}


def sharp(*layers: dict[str, Any]) -> dict[str, Any]:
    creative = samples.canvas(RED, *layers)
    creative["canvas"]["scale"] = 3
    return creative


def showing(*layers: dict[str, Any], name: str = "a", **more: Any) -> dict[str, Any]:
    return samples.variant(name, RED, HOME, **({"creative": sharp(*layers)} | more))


async def warned(site: Site, block: dict[str, Any]) -> list[str]:
    """The places of what is over its budget."""
    saved = await site.do("PUT", f"blocks/{BLOCK}", block)
    return [one["place"] for one in saved["warnings"] if one["problem"] == weight.OVER_BUDGET]


async def test_what_is_made_worse_for_the_budget_is_told(site: Site) -> None:
    picture = await upload(site)
    alone = {"kind": "picture", "picture": picture, "width": 60, "height": 40, "scale": 3}
    block = samples.block(
        showing(filling(picture)), showing(name="flat"), showing(name="alone", creative=alone)
    )
    block["fallback"]["creative"] = sharp(filling(picture))
    assert await warned(site, block) == []
    assert await warned(site, block | LEAST) == [
        "variants.0.creative.canvas", "variants.2.creative", "fallback.creative.canvas",
    ]  # fmt: skip
    saved = await site.do("GET", f"blocks/{BLOCK}")
    message = next(
        one["message"] for one in saved["warnings"] if one["problem"] == weight.OVER_BUDGET
    )
    size = int(message.split()[3])
    assert size > 60_000
    assert message == f"the picture has {size} bytes at full quality, and should have at most 5000"


async def test_it_depends_on_the_type_of_the_block(site: Site) -> None:
    block = samples.block(showing(filling(await upload(site)))) | {"budget": 50_000}
    told = {kind: await warned(site, block | {"type": kind}) for kind in ImageType}
    assert told[ImageType.PNG] == ["variants.0.creative.canvas"]
    assert told[ImageType.GIF] == []


async def test_a_picture_that_is_served_holds_the_budget_if_it_can(site: Site) -> None:
    await site.fill()
    block = samples.block(showing(filling(await upload(site)))) | {"type": "jpg"}
    served = []
    for budget in (200_000, 20_000):
        await site.publish(block | {"budget": budget})
        answer = await site.open()
        assert answer.headers["content-type"] == "image/jpeg"
        served.append(len(answer.content))
    assert served[1] <= 20_000 < served[0]


async def test_values_are_plausible(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"since": "date"}})
    paths = (
        "recipient.first_name", "recipient.attributes.since", "recipient.attributes.never_declared",
        "order.status", "order.total | money", "message.sent_at | date", "offer.title",
        "offer.stock | plural(one='#', other='#')", "offer.attributes.dates | default('soon')",
    )  # fmt: skip
    layers = [samples.text(f"{{{{ {path} }}}}") for path in paths]
    variant = showing(filling(await upload(site)), *layers, offer={"product": "rome"})
    assert await warned(site, samples.block(variant) | LEAST) == ["variants.0.creative.canvas"]


@pytest.mark.parametrize(
    ("offer", "known"),
    [
        ({"product": "rome"}, True),
        ({"similar_to": "rome"}, True),
        ({"product": "oslo"}, False),
        ({"product": "nowhere"}, False),
        ({"personal": "cart"}, False),
    ],
)
async def test_the_picture_of_an_offer(site: Site, offer: dict[str, str], known: bool) -> None:
    await site.fill()
    await site.do("PATCH", "products/rome", {"picture": await upload(site)})
    variant = showing(filling("{{ offer.picture }}"), offer=offer)
    places = ["variants.0.creative.canvas"] if known else []
    assert await warned(site, samples.block(variant) | LEAST) == places


async def test_a_picture_that_is_gone_is_not_judged(site: Site, store: Store) -> None:
    await site.fill()
    picture = await upload(site)
    await site.do("PATCH", "products/rome", {"picture": picture})
    await store.ask(("DEL", store.keys.asset(picture)))
    variant = showing(filling("{{ offer.picture }}"), offer={"product": "rome"})
    assert await warned(site, samples.block(variant) | LEAST) == []


@pytest.mark.parametrize(
    ("kind", "places"),
    [("gif", ["clock", "clock.expired", "still"]), ("png", ["clock.expired", "still"])],
)
async def test_a_countdown_is_judged_as_a_whole(
    site: Site, monkeypatch: pytest.MonkeyPatch, kind: str, places: list[str]
) -> None:
    face = sharp(filling(await upload(site)))["canvas"]
    unit = {"unit": "seconds", "x": 2, "y": 2, "width": 30, "height": 20, "size": 12}
    creative = {
        "kind": "countdown",
        "until": "message.deadline",
        "clock": {"face": face, "expired": face, "units": [unit]},
        "still": face,
    }
    block = samples.block(showing(creative=creative)) | LEAST | {"type": kind}
    assert await warned(site, block) == [
        f"variants.0.creative.{place}" for place in places if place != "clock"
    ]
    monkeypatch.setattr(weight, "MOST_ANIMATED", 1000)
    assert await warned(site, block) == [f"variants.0.creative.{place}" for place in places]
    saved = await site.do("GET", f"blocks/{BLOCK}")
    assert [
        "the animation has" in one["message"]
        for one in saved["warnings"]
        if one["place"] == "variants.0.creative.clock"
    ] == [True] * (kind == "gif")


async def test_what_was_measured_is_not_drawn_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = Filled.file

    def counted(filled: Filled, pictures: Mapping[str, bytes], kind: ImageType) -> bytes:
        drawn.append(filled.key)
        return real(filled, pictures, kind)

    monkeypatch.setattr(Filled, "file", counted)
    picture = await upload(site)
    block = samples.block(showing(filling(picture)))
    await warned(site, block | LEAST)
    assert len(drawn) == 1  # the fallback is that of the block before
    await warned(site, block | {"budget": 6000, "title": "Another"})
    await warned(site, samples.block(showing(filling(picture)), showing(name="b")))
    assert len(drawn) == 2
    monkeypatch.setattr(weight, "_MOST_KEPT", 1)
    assert await warned(site, block | LEAST) == ["variants.0.creative.canvas"]
    assert len(weight._SIZES) == 1


async def test_what_takes_too_long_is_not_warned_of(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = samples.block(showing(filling(await upload(site)))) | LEAST
    with monkeypatch.context() as patch:
        patch.setattr(weight, "LONGEST", 0)
        assert await warned(site, block) == []
    assert await warned(site, block) == ["variants.0.creative.canvas"]
