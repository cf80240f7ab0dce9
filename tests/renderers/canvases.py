"""What hypothesis makes up: any valid canvas, and people to fill it for.

Specs are written as a designer writes them, as JSON; a canvas is made of one by `made`.
"""

import datetime
import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from renderers.spec import Canvas
from renderers.template import ALLOWED_VALUES, NOW
from tests.renderers.support import everything, quadrants, written

Spec = dict[str, Any]
Person = dict[str, Any]

PHOTO, LOGO = "0" * 32, "1" * 32
ASSETS = {
    PHOTO: written(quadrants(), "PNG"),
    LOGO: written(Image.new("RGBA", (14, 9), (200, 30, 30, 140)), "PNG"),
}
STEPS = ("paid", "packed", "sent")
CODES = {"qr": ("AB-12", "Õ1"), "ean13": ("640123456789",), "ean8": ("96385074",)}
_CODE_SIZES = {"qr": (29, 29), "ean13": (113, 1), "ean8": (81, 1)}


def made(spec: Spec) -> Canvas:
    """The canvas, checked as when it is saved."""
    return Canvas.model_validate_json(json.dumps(spec), context={ALLOWED_VALUES: everything})


def _one(required: Spec, optional: Spec | None = None) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries(required, optional=optional or {})


places, sides = st.integers(-20, 70), st.integers(1, 60)
shares = st.floats(0, 1)
colours = st.sampled_from(("#FF0000", "#00FF0080", "#12345678", "#0000FF00"))
opaque = st.sampled_from(("#FF8000", "#0080FF"))
gradients = _one({"start": opaque, "end": opaque}, {"towards": st.sampled_from(("down", "right"))})
radii = st.sampled_from((0, 3, 1000))
fonts = st.sampled_from(("regular", "semibold", "display", "serif"))
texts = st.sampled_from(
    (
        *("", "Hei", "Hei {{ a }}, on {{ n }}", "{{ a | default('ystävä') }}\n\nOK", "{{ p }}"),
        *("{{ t | relative }}", "{{ gone | default('') }}", "<b>{{ a }}</b> ja <b>ei</i>"),
    )
) | st.fixed_dictionaries({"fi": st.just("{{ a }}"), "any": st.just("{{ n | plural(other='#') }}")})
numbers = st.floats(-10, 200) | st.integers(-3, 9) | st.sampled_from(("{{ n }}", "{{ p }}"))
prices = st.sampled_from(("{{ p }}", "{{ old }}", "{{ n }}"))
_TEXT_BOX: Spec = {
    "font": fonts,
    "colour": colours,
    "smallest": st.integers(6, 12),
    "align": st.sampled_from(("start", "left", "centre", "right")),
    "valign": st.sampled_from(("top", "middle", "bottom")),
    "line_height": st.floats(0.8, 3),
    "letter_spacing": st.sampled_from((0, -0.2, 0.3)),
    "balance": st.booleans(),
}
_SIZE: Spec = {"size": st.integers(6, 40)}
_STYLES = st.dictionaries(
    st.sampled_from(("b", "i")),
    _one(
        {},
        {
            "font": fonts,
            "colour": colours,
            "size": st.floats(0.3, 3),
            "strike": st.booleans(),
            "underline": st.booleans(),
        },
    ),
)
_CORNERS = st.lists(st.sampled_from((0, 0.25, 0.5, 0.9, 1)), min_size=2, max_size=2, unique=True)
_CROPS = st.builds(
    lambda across, down: {
        "left": min(across),
        "right": max(across),
        "top": min(down),
        "bottom": max(down),
    },
    _CORNERS,
    _CORNERS,
)
_STEP_LISTS = st.lists(st.sampled_from(STEPS), min_size=2, unique=True).flatmap(
    lambda ids: st.tuples(*(_one({"id": st.just(id)}, {"label": texts}) for id in ids)).map(list)
)
conditions = st.one_of(
    _one({"value": st.sampled_from(("a", "n", "gone")), "is_set": st.booleans()}),
    _one({"value": st.just("a"), "equals": st.sampled_from(("Aino", "Märt"))}),
    _one({"value": st.just("b"), "equals": st.booleans()}),
    _one({"value": st.just("a"), "one_of": st.just(["Aino", ""])}),
    _one({"value": st.sampled_from(("n", "p", "a")), "at_least": st.floats(-5, 50)}),
    _one({"value": st.just("n"), "at_most": st.integers(-5, 50)}),
)
_KINDS: dict[str, tuple[Spec, Spec]] = {
    "picture": (
        {"picture": st.sampled_from((PHOTO, LOGO, "{{ offer.picture }}"))},
        {
            "fit": st.sampled_from(("cover", "contain")),
            "crop": _CROPS,
            "focus": _one({}, {"x": shares, "y": shares}),
            "radius": radii,
            "opacity": shares,
        },
    ),
    "shape": (
        {"colour": colours | gradients},
        {"radius": radii, "border": _one({"width": st.integers(1, 40), "colour": colours})},
    ),
    "text": ({"text": texts, **_SIZE}, {**_TEXT_BOX, "styles": _STYLES}),
    "rating": (
        {"value": numbers},
        {
            "most": st.integers(1, 10),
            "colour": colours,
            "unlit": colours,
            "gap": st.integers(0, 100),
        },
    ),
    "progress": (
        {"value": numbers},
        {"most": st.floats(0.5, 300), "colour": colours, "track": colours, "radius": radii},
    ),
    "steps": (
        {"steps": _STEP_LISTS, "reached": st.just("{{ s }}")},
        {"dot": st.integers(1, 80), "font": fonts, **_SIZE, "colour": colours, "mark": colours},
    ),
    "price": (
        {"price": prices, **_SIZE},
        {
            **_TEXT_BOX,
            "old": prices | st.just("{{ gone }}"),
            "old_colour": colours,
            "old_font": fonts,
            "old_size": st.floats(0.3, 1),
            "old_place": st.sampled_from(("before", "after", "above", "below")),
        },
    ),
    "badge": (
        {"text": texts, "background": colours, **_SIZE},
        {
            **_TEXT_BOX,
            "shape": st.sampled_from(("pill", "burst")),
            "radius": radii,
            "padding": st.integers(0, 40),
        },
    ),
    "chart": (
        {"values": st.lists(numbers, min_size=1, max_size=12)},
        {
            "chart": st.sampled_from(("bars", "line")),
            "colour": colours,
            "last_colour": colours,
            "gap": st.integers(0, 30),
            "radius": radii,
            "thick": st.integers(1, 20),
            "filled": colours,
        },
    ),
    "avatar": (
        {"name": texts},
        {
            "colours": st.lists(opaque, min_size=1, max_size=3),
            "colour": colours,
            "font": fonts,
            "radius": radii,
        },
    ),
}
KINDS = (*_KINDS, "code")


def _when(least: int) -> st.SearchStrategy[list[Spec]]:
    return st.lists(conditions, min_size=least, max_size=2)


def _layers(kind: str) -> st.SearchStrategy[Spec]:
    required, optional = _KINDS[kind]
    box = {"x": places, "y": places, "width": sides, "height": sides}
    return _one({"kind": st.just(kind), **box, **required}, {**optional, "when": _when(1)})


def _codes(code: str) -> st.SearchStrategy[Spec]:
    width, height = _CODE_SIZES[code]
    box = {
        "x": places,
        "y": places,
        "width": st.integers(width, width + 40),
        "height": st.integers(height, height + 40),
    }
    text = st.sampled_from((*CODES[code], f"{{{{ {code} }}}}"))
    return _one(
        {"kind": st.just("code"), "code": st.just(code), "text": text, **box},
        {"colour": colours, "background": opaque, "when": _when(1)},
    )


def layers_of(kind: str) -> st.SearchStrategy[Spec]:
    return st.one_of(*map(_codes, CODES)) if kind == "code" else _layers(kind)


layers = st.sampled_from(KINDS).flatmap(layers_of)


def specs(
    layers: st.SearchStrategy[Spec] = layers, most: int = 5, least: int = 1
) -> st.SearchStrategy[Spec]:
    return _one(
        {
            "width": st.integers(30, 90),
            "height": st.integers(30, 130),
            "scale": st.sampled_from((1, 2, 3)),
            "background": st.just("#F4EFE6") | gradients,
            "layers": st.lists(layers, min_size=least, max_size=most),
        }
    )


people = st.fixed_dictionaries(
    {
        "a": st.sampled_from(("Aino", "Märt-Kristjan", "", "Александра", "שלום", "🎉 Õ")),
        "n": st.sampled_from((0, 3, 4.5, -7, Decimal("12.5"), 10**6)),
        "p": st.sampled_from(((Decimal("19.90"), "EUR"), (Decimal(7), "EUR"))),
        "old": st.sampled_from(((Decimal(25), "EUR"), (Decimal(25), "USD"), (Decimal(1), "EUR"))),
        "b": st.booleans(),
        "s": st.sampled_from((*STEPS, "lost")),
        "t": st.just(datetime.datetime(2026, 3, 5, 12, tzinfo=datetime.UTC)),
        NOW: st.sampled_from(
            [datetime.datetime(2026, 3, day, 9, tzinfo=datetime.UTC) for day in (1, 5, 20)]
        ),
        "offer.picture": st.sampled_from((PHOTO, LOGO)),
        **{code: st.sampled_from(texts) for code, texts in CODES.items()},
    }
)
