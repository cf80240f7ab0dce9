"""The block that is opened: two trips of which the first is shown that can be sold, with the
person's first name on a picture of some 20 kB."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks import drawings
from benchmarks.peers.opens import Given, Picture, Variant
from dyncontent.keyring import Secret

BLOCK = "trip"
HOST = "shop.example"
HOME = f"https://{HOST}/"
MARKETING, OTHER = "spring", "receipt"
"""The ids of a message of marketing, and of one that is none."""
PRODUCTS = {
    "rome": {"stock": 30, "link": f"{HOME}rome"},
    "oslo": {"stock": 5, "link": f"{HOME}oslo"},
}
NAMES = ("Aino", "Väinö", "")
"""What people are called; of the last it is not known."""
AGREED = {"marketing": True, "tracking": True}


def person(number: int, **said: Any) -> dict[str, Any]:
    """Somebody with ten attributes, who agreed to everything if nothing else is said."""
    name = NAMES[number % len(NAMES)]
    return {
        **({"first_name": name} if name else {}),
        "consents": AGREED,
        "time_zone": "Europe/Helsinki",
        "locale": "fi",
        "attributes": {f"a{place}": f"value {place}" for place in range(10)},
    } | said


def fill(api: httpx.Client) -> None:
    """Publish the block, with its products and messages. `api` is of the control plane."""
    for product, stored in PRODUCTS.items():
        accepted(api.put(f"products/{product}", json=stored))
    accepted(api.put(f"messages/{MARKETING}", json={"class": "marketing"}))
    accepted(api.put(f"messages/{OTHER}", json={"class": "transactional"}))
    photo = accepted(api.post("assets", content=drawings.photo()))["id"]
    accepted(api.put(f"blocks/{BLOCK}", json=_block(photo)))
    accepted(api.post(f"blocks/{BLOCK}/publish"))


def given(api: httpx.Client, store_url: str, prefix: str, secret: Secret) -> Given:
    """What peers are given of the block, which is filled: its pictures are opened at our server, by
    people of whom nobody else is."""
    pictures = dict(_pictures(api))
    return Given(
        store_url=store_url,
        prefix=prefix,
        secret=secret,
        block=BLOCK,
        version=accepted(api.get(f"blocks/{BLOCK}"))["published_version"],
        variants=[
            Variant(product, product, {name: pictures[product, name] for name in NAMES})
            for product in PRODUCTS
        ],
        fallback=pictures[None, ""],
        fallback_link=HOME,
        links=HOME,
    )


def link(api: httpx.Client, recipient: str, message: str = MARKETING) -> tuple[str, str]:
    """Path and query of a person's picture and click."""
    asked = {"block": BLOCK, "recipient": recipient, "message": message}
    made = accepted(api.post("links", json=asked))
    image, click = (urlsplit(made[name]) for name in ("image", "click"))
    return f"{image.path}?{image.query}", f"{click.path}?{click.query}"


def buy(api: httpx.Client, recipient: str, *products: str) -> None:
    for product in products:
        accepted(api.post(f"recipients/{recipient}/purchases", json={"product": product}))


def accepted(response: httpx.Response) -> Any:
    return response.raise_for_status().json()


def _pictures(api: httpx.Client) -> Iterator[tuple[tuple[str | None, str], Picture]]:
    """By variant and first name."""
    for place, name in enumerate(NAMES):
        yield ("rome", name), _picture(api, place)
        yield ("oslo", name), _picture(api, place, "rome")
    yield (None, ""), _picture(api, 0, "rome", "oslo")


def _picture(api: httpx.Client, number: int, *bought: str) -> Picture:
    recipient = "-".join((f"model{number}", *bought))
    accepted(api.put(f"recipients/{recipient}", json=person(number)))
    buy(api, recipient, *bought)
    image, _ = link(api, recipient)
    answer = api.get(str(api.base_url.join(image))).raise_for_status()
    return Picture(answer.content, answer.headers["etag"])


def _block(photo: str) -> dict[str, Any]:
    fallback = _creative(photo, "#808080", "Trips")
    return {
        "title": "Trip",
        "class": "marketing",
        "variants": [
            {
                "id": product,
                "offer": {"product": product},
                "creative": _creative(photo, colour, "{{ recipient.first_name | default('you') }}"),
                "link": "{{ offer.link }}",
                "alt": product,
            }
            for product, colour in zip(PRODUCTS, ("#C81E1E", "#1E3CC8"), strict=True)
        ],
        "fallback": {"creative": fallback, "link": HOME, "alt": "Trips"},
    }


def _creative(photo: str, colour: str, words: str) -> dict[str, Any]:
    shown = {"kind": "picture", "picture": photo, "x": 400, "y": 50, "width": 160, "height": 200}
    text = {"kind": "text", "text": words, "x": 20, "y": 120, "width": 340, "height": 60}
    layers = [shown, text | {"size": 32, "smallest": 10, "colour": "#FFFFFF"}]
    canvas = {"width": 600, "height": 300, "background": colour, "layers": layers}
    return {"kind": "canvas", "canvas": canvas}
