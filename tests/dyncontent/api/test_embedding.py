"""Snippets and the lint, by the control plane."""

import re
from typing import Any

import httpx
import orjson
import pytest

from dyncontent.embed.senders import SENDERS
from dyncontent.settings import Settings
from tests import samples
from tests.renderers.html.support import Reader
from tests.samples import BLOCK, MESSAGE, RECIPIENT
from tests.site import BASE_URL, TOKEN, Site, running_site

pytestmark = pytest.mark.anyio


async def _lint(
    site: Site, body: str | bytes, kind: str = "text/html; charset=utf-8", query: str = ""
) -> httpx.Response:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": kind}
    return await site.client.post(f"/api/v1/lint{query}", content=body, headers=headers)


async def _codes(site: Site, body: str | bytes, **asked: str) -> list[str]:
    report = (await _lint(site, body, **asked)).json()
    assert report["ok"] == all(one["severity"] == "warning" for one in report["findings"])
    return [finding["code"] for finding in report["findings"]]


async def test_every_sender_has_a_snippet_that_is_clean(site: Site) -> None:
    answer = await site.do("GET", f"blocks/{BLOCK}/snippets")
    assert (answer["width"], answer["height"], answer["type"]) == (60, 40, "png")
    assert (answer["alt"], answer["published"]) == ("Travel", True)
    assert [one["sender"] for one in answer["snippets"]] == [sender.id for sender in SENDERS]
    for one in answer["snippets"]:
        left = ["placeholder-left"] * 2 if one["sender"] == "smaily" else []
        assert await _codes(site, one["html"], query=f"?sender={one['sender']}") == left


@pytest.mark.parametrize("tagged_ids", ["guessable", "unguessable"])
async def test_the_snippets_for_a_message_are_complete_and_clean(
    settings: Settings, store_url: str, tagged_ids: str
) -> None:
    said = settings.model_copy(update={"tagged_ids": tagged_ids})
    async with running_site(said, store_url) as site:
        await site.fill()
        answer = await site.do("GET", f"blocks/{BLOCK}/snippets?message={MESSAGE}")
        assert (answer["form"], answer["message"], answer["personal"]) == ("tagged", MESSAGE, True)
        for one in answer["snippets"]:
            left = ["placeholder-left"] * 2 if one["sender"] == "smaily" else []
            assert await _codes(site, one["html"], query=f"?sender={one['sender']}") == left
        by_id = {one["sender"] for one in answer["snippets"] if not one["fields"]}
        known = {"klaviyo", "customerio", "listmonk", "drip", "beehiiv"}
        assert by_id == (known if tagged_ids == "unguessable" else set())


async def test_a_block_that_is_not_personal_needs_no_handles(site: Site) -> None:
    offer = {"product": "rome", "not_bought": False}
    stock = samples.variant("rome", samples.RED, f"https://{samples.HOST}/", offer=offer)
    await site.do("PUT", "blocks/stock", samples.block(stock, **{"class": "transactional"}))
    answer = await site.do("GET", f"blocks/stock/snippets?message={MESSAGE}")
    assert (answer["personal"], answer["published"]) == (False, False)
    without = {one["sender"] for one in answer["snippets"] if one["fields"]}
    assert without == {sender.id for sender in SENDERS if sender.recipient is None}
    mailchimp = next(one for one in answer["snippets"] if one["sender"] == "mailchimp")
    assert "/i/stock.png?r=*|UNIQID|*&amp;m=spring&amp;v=k1&amp;t=" in mailchimp["html"]


def _sent_by_mailchimp(html: str, fields: dict[str, str]) -> str:
    """What Mailchimp puts for its tags: the fields of a person, and nothing for what it has not."""
    return re.sub(r"\*\|(\w+)\|\*", lambda found: fields.get(found[1], ""), html)


async def test_a_mail_of_mailchimp_from_the_snippet_to_the_shop(site: Site) -> None:
    """Handles go to Mailchimp as a field, one snippet goes to all, and each sees their own."""
    await site.do("PUT", "recipients/mart", {"consents": samples.CONSENTS})
    await site.do("POST", "recipients/mart/purchases", {"product": "rome"})
    lines = b"\n".join(orjson.dumps({"recipient": name}) for name in (RECIPIENT, "mart"))
    made = (await site.api("POST", "handles/bulk", lines)).text.splitlines()
    handles = {one["recipient"]: one["handle"] for one in map(orjson.loads, made)}
    answer = await site.do("GET", f"blocks/{BLOCK}/snippets?message={MESSAGE}")
    snippet = next(one for one in answer["snippets"] if one["sender"] == "mailchimp")
    [field] = snippet["fields"]
    seen = {}
    for name, handle in handles.items():
        html = _sent_by_mailchimp(snippet["html"], {field["name"]: handle})
        assert await _codes(site, f"Content-Type: text/html\n\n{html}", kind="message/rfc822") == []
        mail = dict(Reader(html).elements)
        picture = await site.client.get(mail["img"]["src"])
        click = await site.client.get(mail["a"]["href"])
        seen[name] = (samples.colour(picture.content), click.headers["location"])
    assert seen == {
        RECIPIENT: (samples.RED, samples.PRODUCTS["rome"]["link"]),
        "mart": (samples.GREEN, samples.PRODUCTS["oslo"]["link"]),
    }
    trial = _sent_by_mailchimp(snippet["html"], {field["name"]: "[DYNC_ID]"})
    picture = await site.client.get(dict(Reader(trial).elements)["img"]["src"])
    assert samples.colour(picture.content) == samples.GREY
    told = await site.do("GET", f"blocks/{BLOCK}/warnings")
    [warning] = told["warnings"]
    assert (warning["code"], warning["senders"]) == ("TAG_UNRENDERED", ["mailchimp"])
    assert "Mailchimp" in warning["message"]
    assert BLOCK in warning["message"]


async def test_a_snippet_with_its_fields_filled_is_a_good_mail(site: Site) -> None:
    [made] = [
        one
        for one in (await site.do("GET", f"blocks/{BLOCK}/snippets"))["snippets"]
        if one["sender"] == "kit"
    ]
    links: dict[str, str] = await site.links()
    html: str = made["html"]
    for use in ("image", "click"):
        query = links[use].partition("?")[2].replace("&", "&amp;")
        html = html.replace(f"{{{{ subscriber.{BLOCK}_{use} }}}}", query)
    mail = f"Content-Type: text/html\n\n{html}"
    assert await _codes(site, mail, kind="message/rfc822") == []
    assert f'src="{links["image"].replace("&", "&amp;")}"' in html
    opened = await site.client.get(links["image"])
    assert samples.colour(opened.content) == samples.RED


async def test_an_empty_field_gets_the_fallback(site: Site) -> None:
    for query in ("", "*|TRIP_I|*", "%7B%7B%20person.trip%20%7D%7D"):
        opened = await site.client.get(f"{BASE_URL}/i/{BLOCK}.png?{query}")
        assert samples.colour(opened.content) == samples.GREY


async def test_a_snippet_is_of_what_was_published(site: Site) -> None:
    fallback = samples.block()["fallback"] | {"alt": {"en": "Later", "fi": "Myöhemmin"}}
    await site.do("PUT", f"blocks/{BLOCK}", samples.block(fallback=fallback))
    await site.do("PUT", "blocks/later", samples.block(fallback=fallback))
    assert (await site.do("GET", f"blocks/{BLOCK}/snippets"))["alt"] == "Travel"
    later = await site.do("GET", "blocks/later/snippets?locale=fi")
    assert (later["alt"], later["published"]) == ("Myöhemmin", False)
    assert 'alt="Myöhemmin"' in later["snippets"][0]["html"]


async def test_what_cannot_be_answered_is_refused(site: Site) -> None:
    assert (await site.api("GET", "blocks/none/snippets")).status_code == 404
    for query in ("locale=x y", "message=", "message=a b", "message=*|CAMPAIGN_UID|*"):
        assert (await site.api("GET", f"blocks/{BLOCK}/snippets?{query}")).status_code == 422
    assert (await _lint(site, "x", kind="application/json")).status_code == 415
    assert (await _lint(site, b"x" * 2_200_000)).status_code == 413
    for query in ("?class=private", "?sender=nobody"):
        refused = await _lint(site, "x", query=query)
        assert refused.status_code == 422
        assert refused.json()["fields"][0]["expected"].startswith("one of ")


async def test_the_lint_knows_keys_blocks_and_classes(site: Site) -> None:
    links: dict[str, Any] = await site.links()
    await site.do("PUT", "blocks/later", samples.block())
    html = (
        f'<a href="{links["click"]}"><img src="{links["image"]}" alt="Trips" width="60"'
        f' height="40"></a>\n<a href="{BASE_URL}/c/later?*|C|*">x</a>'
        f'<a href="{BASE_URL}/c/none?*|C|*">x</a>'
    )
    mail = f"Content-Type: text/html\n\n{html}"
    expected = ["block-unpublished", "tag-unrendered", "block-unknown", "tag-unrendered"]
    assert await _codes(site, mail, kind="message/rfc822") == expected
    transactional = await _codes(site, mail, kind="message/rfc822", query="?class=transactional")
    assert transactional.count("block-marketing") == 3
    [forged, *_] = (await _lint(site, html.replace(links["click"], links["click"][:-2]))).json()[
        "findings"
    ]
    assert (forged["line"], forged["column"], forged["code"]) == (1, 10, "signature-wrong")


@pytest.mark.parametrize(
    "mail",
    [
        b"Content-Type: message/rfc822\n\n" * 60_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * 300_000,
    ],
)
async def test_a_mail_that_takes_too_much_to_read_is_refused(site: Site, mail: bytes) -> None:
    refused = await site.api("POST", "lint", mail, content_type="message/rfc822")
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["expected"].startswith("a mail with")
