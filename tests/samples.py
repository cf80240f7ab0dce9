"""A small block and its facts. Each variant has a colour of its own, so that a picture tells
which one it is."""

from io import BytesIO
from typing import Any

from PIL import Image

BLOCK = "trip"
RECIPIENT = "aino"
MESSAGE = "spring"
HOST = "shop.example"

RED, GREEN, BLUE, GREY = "#C81E1E", "#1E8C3C", "#1E3CC8", "#808080"

CONSENTS = {"marketing": True, "tracking": True}
PRODUCTS: dict[str, dict[str, Any]] = {
    "rome": {
        "title": {"fi": "Rooma", "en": "Rome"},
        "stock": 30,
        "price": {"amount": "990.00", "currency": "EUR"},
        "category": "cities",
        "link": f"https://{HOST}/rome",
        "alternatives": ["oslo"],
    },
    "oslo": {
        "stock": 5,
        "price": {"amount": "400.00", "currency": "EUR"},
        "category": "cities",
        "link": f"https://{HOST}/oslo",
    },
    "riga": {
        "stock": 5,
        "price": {"amount": "900.00", "currency": "EUR"},
        "category": "cities",
        "link": f"https://{HOST}/riga",
    },
}


def text(content: Any, **changes: Any) -> dict[str, Any]:
    layer = {"kind": "text", "x": 10, "y": 20, "width": 40, "height": 10, "size": 8, "smallest": 6}
    return layer | {"text": content} | changes


def canvas(colour: str, *layers: dict[str, Any]) -> dict[str, Any]:
    """60 x 40, its top left corner in the colour."""
    spec = {"width": 60, "height": 40, "background": colour, "layers": list(layers)}
    return {"kind": "canvas", "canvas": spec}


def variant(
    id: str, colour: str, link: str, *layers: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {"id": id, "creative": canvas(colour, *layers), "link": link, "alt": id} | more


def block(*variants: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Rome (red), then those like it (green); the fallback is grey."""
    chosen = variants or (
        variant(
            "rome",
            RED,
            "{{ offer.link }}",
            text("{{ recipient.first_name | default('you') }}: {{ offer.stock }}"),
            offer={"product": "rome"},
        ),
        variant("similar", GREEN, "{{ offer.link }}", offer={"similar_to": "rome"}),
    )
    return {
        "title": "Trip",
        "class": "marketing",
        "variants": list(chosen),
        "fallback": {
            "creative": canvas(GREY),
            "link": f"https://{HOST}/",
            "alt": "Travel",
        },
    } | more


def colour(picture: bytes) -> str:
    """The colour of the top left corner, as `#RRGGBB`."""
    with Image.open(BytesIO(picture)) as image:
        red, green, blue = image.convert("RGB").getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02X}{green:02X}{blue:02X}"


def a_picture(width: int = 20, height: int = 10, form: str = "PNG", fill: str = BLUE) -> bytes:
    output = BytesIO()
    Image.new("RGB", (width, height), fill).save(output, form)
    return output.getvalue()
