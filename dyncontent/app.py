"""The composition root: builds the parts and mounts the planes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dyncontent.access.tokens import Tokens
from dyncontent.api import (
    assets,
    blocks,
    bulk,
    conditions,
    consents,
    documents,
    embedding,
    feeds,
    handles,
    hosts,
    links,
    previews,
    privacy,
    receipts,
    sources,
    tokens,
    warnings,
)
from dyncontent.api.access import Access
from dyncontent.api.openapi import PREFIX, Description
from dyncontent.api.operation import Operation, router
from dyncontent.api.problems import HANDLED, answer
from dyncontent.api.reference.page import Reference
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.delivery.cache import Pictures
from dyncontent.delivery.serve import PREFIXES, Delivery
from dyncontent.delivery.warm import Warmer
from dyncontent.feeds.importer import Importer
from dyncontent.feeds.stored import Feeds
from dyncontent.ingest.apply import Ingest
from dyncontent.ingest.routes import BasicToo, CloudEvents, SegmentCalls, Webhooks
from dyncontent.ingest.shop import Shop
from dyncontent.metrics import Metrics
from dyncontent.operations import Operations
from dyncontent.outgoing.client import Outgoing
from dyncontent.settings import Settings
from dyncontent.sources.fetching import Fetcher
from dyncontent.sources.stored import Sources
from dyncontent.store.connection import connect
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from dyncontent.worker.crew import worker_of
from dyncontent.worker.worker import Worker


def build(
    settings: Settings,
    store_url: str,
    extra: Sequence[BaseRoute] = (),
    metrics: Metrics | None = None,
) -> "App":
    """The whole server on the store at `store_url`; `extra` are routes of a demo. `metrics` are
    those of this process alone unless others are given."""
    store = Store(connect(store_url), Keys(settings.store_prefix))
    metrics = metrics or Metrics()
    memory = settings.picture_memory_mb * 1024 * 1024
    pictures = Pictures(store, memory, settings.drawing_threads, metrics)
    warmer = Warmer(store, pictures)
    landing_url = settings.landing_url or f"{settings.public_url}/"
    ids_are_unguessable = settings.tagged_ids == "unguessable"
    delivery = Delivery(
        store,
        pictures,
        warmer,
        metrics,
        settings.keyring,
        settings.hosts,
        settings.public_url,
        landing_url,
        settings.budget_ms / 1000,
        ids_are_unguessable=ids_are_unguessable,
        receipt_hours=settings.receipt_hours,
    )
    catalogue = Catalogue(store, settings.hosts)
    definitions = Feeds(store)
    outgoing = Outgoing(settings.reach)
    importer = Importer(store, catalogue, definitions, metrics)
    known_tokens = Tokens(store, settings.api_tokens)
    data_sources = Sources(store)
    fetcher = Fetcher(data_sources, outgoing)
    url_making = (catalogue, settings.keyring, settings.public_url)
    ingest = Ingest(store, catalogue, metrics)
    shop = Shop(settings.shop_product_id, settings.shop_currency, settings.shop_url)
    webhooks = Webhooks(ingest, shop, settings.shopify_secrets, settings.woocommerce_secrets)
    calls = SegmentCalls(ingest, catalogue).operations
    control: Sequence[Operation] = [
        *bulk.operations(catalogue),
        *documents.operations(catalogue),
        *consents.PersonsConsents(catalogue).operations,
        *blocks.Blocks(catalogue).operations,
        *assets.Assets(catalogue).operations,
        *conditions.Conditions(catalogue).operations,
        *handles.Handles(settings.keyring).operations,
        *feeds.FeedsApi(catalogue, definitions, importer, outgoing).operations,
        *hosts.AllowedHosts(catalogue).operations,
        *links.Links(*url_making).operations,
        *sources.SourcesApi(data_sources, fetcher, settings.reach).operations,
        *embedding.Embedding(*url_making, ids_are_unguessable=ids_are_unguessable).operations,
        *tokens.TokenOperations(known_tokens).operations,
        *warnings.Warnings(catalogue, store).operations,
        *CloudEvents(ingest).operations,
        *privacy.Privacy(store, settings.keyring).operations,
        *receipts.Receipts(store).operations,
        *previews.Previews(catalogue, store, pictures, landing_url).operations,
    ]
    description = Description(control)
    access = Access(store, known_tokens, settings.requests_per_minute, metrics)
    worker = worker_of(settings, store, metrics) if settings.runs_worker else None
    planes = Starlette(
        routes=[
            Mount(PREFIX, router(description.operations, access.guard)),
            Mount("/v1", BasicToo(router(calls, access.guard))),
            *webhooks.routes,
            *Reference(description, settings.public_url).routes,
            *Operations(store, metrics).routes,
            *extra,
            Route("/", _front_door),
        ],
        exception_handlers=dict.fromkeys(HANDLED, answer),
        lifespan=lambda _: _running(store, pictures, warmer, worker, metrics),
    )
    return App(delivery, planes)


class App:
    """The server as ASGI. Opens and clicks go straight to their callable, ahead of every router."""

    def __init__(self, delivery: Delivery, planes: ASGIApp) -> None:
        self.delivery = delivery
        self._planes = planes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            await self.delivery(scope, receive, send)
        else:
            await self._planes(scope, receive, send)


@asynccontextmanager
async def _running(
    store: Store, pictures: Pictures, warmer: Warmer, worker: Worker | None, metrics: Metrics
) -> AsyncIterator[None]:
    tasks = [
        asyncio.create_task(store.changes.follow(warmer.catalogue_changed)),
        asyncio.create_task(warmer.run()),
    ]
    stopping = asyncio.Event()
    working = asyncio.create_task(worker.run(stopping)) if worker else None
    try:
        yield
    finally:
        stopping.set()
        if working:
            await working
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        metrics.settle()
        await pictures.aclose()
        await store.aclose()


async def _front_door(_: Request) -> Response:
    return PlainTextResponse("Nothing to see here. If a link brought you, it has had its day.\n")
