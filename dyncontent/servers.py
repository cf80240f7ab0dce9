"""Which server takes the requests: uvicorn, or granian where it is installed."""

from collections.abc import Callable

from starlette.types import ASGIApp

from dyncontent.serving import Server, Serves
from dyncontent.settings import PREFIX, Settings, SettingsError

GRANIAN = "granian"


def server_of(settings: Settings) -> Callable[[ASGIApp], Serves]:
    """What makes a server of an application. Raises SettingsError if it is not installed."""
    if settings.server != GRANIAN:
        return Server
    try:
        from dyncontent.rsgi.server import Server as Granian
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != GRANIAN:
            raise
        raise SettingsError(
            f"{PREFIX}SERVER: granian is not installed: `pip install granian`, or take uvicorn"
        ) from error
    return Granian
