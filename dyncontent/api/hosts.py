"""The hosts that links may lead to."""

from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.conditional import precondition, unless_known
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.respond import json
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.hosts import Hosts
from dyncontent.catalog.precondition import etag


class HostsAnswer(Hosts):
    """The stored hosts, and those that are always allowed: of the settings, and this server."""

    always: tuple[str, ...]


class AllowedHosts:
    def __init__(self, catalogue: Catalogue) -> None:
        self._hosts = catalogue.hosts

    @property
    def operations(self) -> list[Operation]:
        path = "/hosts"
        return [
            Operation(
                "GET",
                path,
                self.read,
                "Read the hosts that links may lead to",
                Scope.READ_DEFINITIONS,
                answer=HostsAnswer,
                conditional=True,
            ),
            Operation(
                "PUT",
                path,
                self.put,
                "Replace the stored hosts that links may lead to",
                Scope.ADMIN,
                body=Hosts,
                answer=HostsAnswer,
                conditional=True,
                example={"hosts": ["www.example.com", "shop.example.com:8443"]},
                description="Clicks heed it at once: a link to a host that is allowed no more leads"
                " to the block's fallback, or to the landing page.",
            ),
        ]

    async def read(self, request: Request) -> Response:
        return unless_known(request, self._told(await self._hosts.stored()))

    async def put(self, request: Request) -> Response:
        hosts = await read_model(request, Hosts)
        await self._hosts.put(hosts, precondition(request))
        return self._told(hosts)

    def _told(self, hosts: Hosts) -> Response:
        always = sorted(self._hosts.of_settings.names)
        return json({"hosts": hosts.hosts, "always": always}, etag=etag(hosts))
