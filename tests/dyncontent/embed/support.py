"""A server that is known without running: its address, key and blocks; and emails to lint."""

import re
from pathlib import Path
from typing import Any

import orjson

from dyncontent.catalog.block import Block
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.urls import Purpose, make, make_tagged, read
from dyncontent.embed.lint import Code, Email, Finding, Known, lint
from dyncontent.embed.references import Finder
from dyncontent.embed.sources import Text, of_html
from dyncontent.keyring import Keyring, parse_secret
from tests import samples

PUBLIC_URL = "https://img.example"
FINDER = Finder(PUBLIC_URL)
KEYRING = Keyring((parse_secret("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),))
EMAILS = Path(__file__).parents[2] / "cases" / "emails"

BLOCKS = {
    "trip": Known(
        is_published=True, is_marketing=True, is_personal=True, type="png", width=60, height=40
    ),
    "order": Known(
        is_published=False, is_marketing=False, is_personal=False, type="png", width=300, height=80
    ),
    "stock": Known(
        is_published=True, is_marketing=False, is_personal=False, type="png", width=60, height=40
    ),
}


def a_block(**more: Any) -> Block:
    return Block.model_validate_json(orjson.dumps(samples.block(**more)))


def verify(path: str, query: bytes) -> Fault | None:
    return read(KEYRING, path, query).fault


def signed(
    purpose: Purpose, block: str = "trip", recipient: str = "aino", message: str = "spring"
) -> str:
    """A good URL as it stands in an attribute."""
    path = make(KEYRING, purpose, block, recipient, message)
    return (PUBLIC_URL + path).replace("&", "&amp;")


def tagged(
    purpose: Purpose, tag: str, block: str = "trip", message: str = "spring", **more: str
) -> str:
    """A good URL for a whole list as it stands in an attribute; `more` are parts that are not."""
    path = make_tagged(KEYRING, purpose, block, "TAG", message)
    for name, value in more.items():
        path = re.sub(rf"(?<=&{name}=)[^&]*", value, path)
    return (PUBLIC_URL + path).replace("&", "&amp;").replace("r=TAG", f"r={tag}")


def found(
    texts: list[Text] | str, is_finished: bool = True, unguessable: bool = False, **more: Any
) -> list[Finding]:
    """The findings in an email, by default one that was made for one person."""
    if isinstance(texts, str):
        texts = of_html(texts.encode())
    email = Email(texts, is_finished, **more)
    return lint(email, FINDER, BLOCKS, verify, ids_are_unguessable=unguessable)


def codes(texts: list[Text] | str, **more: Any) -> list[Code]:
    return [finding.code for finding in found(texts, **more)]
