"""One table of settings: name, type, default, help. Each is read from the environment variable
`DYNCONTENT_` and its name; all that is wrong is reported at once."""

import os
import re
from collections.abc import Set
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dyncontent.catalog.links import HOST, AllowedHosts, LinkError
from dyncontent.keyring import Keyring, load_or_make, parse_secret
from dyncontent.outgoing.reach import Reach
from dyncontent.store.connection import check_url

PREFIX = "DYNCONTENT_"
OF_CLIENTS = frozenset(("url", "token"))
"""What the command line reads to reach a running server; it is no setting of a server."""
DOCUMENTATION = "docs/settings.md"

_is_host = re.compile(HOST).fullmatch
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+([/?#][!-~]*)?")

Texts = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """Settings that are refused: one line for each."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start on secrets made by itself"
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    base_url: str = Field(
        "", description="Where mail clients reach this server; default `http://HOST:PORT`"
    )
    data_dir: Path = Field(
        Path("var"), description="Folder of the embedded store and of secrets made by itself"
    )
    store_url: str = Field(
        "",
        description="Redis or Valkey: `redis://`, `rediss://`, `unix://`, `redis+sentinel://` or"
        " `redis+cluster://`; default an embedded Valkey in the data folder",
    )
    store_prefix: str = Field(
        "dyncontent",
        pattern=r"^[A-Za-z0-9_-]{1,40}$",
        description="Begins every key in the store, so that several deployments can share it",
    )
    url_keys: Texts = Field(
        (),
        description="Secrets that sign URLs, `id:base64url` separated by commas; the first signs,"
        " all verify",
    )
    api_tokens: Texts = Field(
        (), description="Bearer tokens of the control plane, separated by commas"
    )
    allowed_hosts: Texts = Field(
        (),
        description="Hosts that links may lead to, `host` or `host:port` separated by commas;"
        " this server's own is always among them",
    )
    shopify_secrets: Texts = Field(
        (),
        description="Secrets by which Shopify signs its webhooks, separated by commas; any of them"
        " is good. Without one they are not taken",
    )
    woocommerce_secrets: Texts = Field(
        (),
        description="Secrets by which WooCommerce signs its webhooks, separated by commas; any of"
        " them is good. Without one they are not taken",
    )
    shop_product_id: Literal["product", "variant", "sku"] = Field(
        "product",
        description="Which of a shop's ids the products have here: that of a product with all its"
        " variants, of each variant, or its stock-keeping unit",
    )
    shop_currency: str = Field(
        "",
        pattern=r"^([A-Z]{3})?$",
        description="Currency of the prices in webhooks of products, such as EUR; without it they"
        " tell no price",
    )
    shop_url: str = Field(
        "",
        description="Where the shop on Shopify is, such as `https://shop.example`; without it its"
        " webhooks tell no links of products",
    )
    landing_url: str = Field(
        "", description="Where a click leads about which nothing is known; default the base URL"
    )
    tagged_ids: Literal["guessable", "unguessable"] = Field(
        "guessable",
        description="Whether the ids that senders put into tagged URLs can be guessed: if so, they"
        " show nothing of a person",
    )
    receipt_hours: int = Field(
        48,
        ge=0,
        le=8760,
        description="How long what an open was decided on is kept, of people who agreed to be"
        " tracked; 0 keeps nothing",
    )
    worker: bool | None = Field(
        None,
        description="Whether `dyncontent serve` does what is scheduled too; default with the"
        " embedded store alone",
    )
    event_days: int = Field(
        90, ge=0, le=3650, description="Days for which opens and clicks are kept; 0 is for ever"
    )
    outgoing_allow: Texts = Field(
        (),
        description="What outgoing requests may reach beside the public network:"
        " `host:port` or networks such as `10.0.0.0/8`, separated by commas",
    )
    outgoing_http: bool = Field(
        False, description="Outgoing requests may go to `http://` addresses anywhere"
    )
    requests_per_minute: int = Field(
        6000,
        ge=0,
        le=1_000_000,
        description="Requests of the control plane that a token may make in a minute; 0 for any"
        " number",
    )
    server: Literal["uvicorn", "granian"] = Field(
        "uvicorn",
        description="What takes the requests of `dyncontent serve`; granian is installed with the"
        " extra of that name",
    )
    workers: int = Field(
        1, ge=1, le=256, description="Processes by which `dyncontent serve` serves one address"
    )
    budget_ms: int = Field(
        150, ge=10, le=10_000, description="Time for an open, in milliseconds, then the fallback"
    )
    drawing_threads: int = Field(2, ge=1, le=64, description="Pictures drawn at the same time")
    picture_memory_mb: int = Field(
        64, ge=1, le=65536, description="Memory for drawn pictures, in megabytes"
    )

    @field_validator(
        "url_keys",
        "api_tokens",
        "allowed_hosts",
        "outgoing_allow",
        "shopify_secrets",
        "woocommerce_secrets",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(item.strip() for item in value.split(",") if item.strip())

    @field_validator("url_keys")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        ids = [parse_secret(text).id for text in value]
        if len(set(ids)) < len(ids):
            raise ValueError("two keys have the same id")
        return value

    @field_validator("api_tokens")
    @classmethod
    def _long_enough(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(token) < 16 for token in value):
            raise ValueError("a token has at least 16 characters")
        return value

    @field_validator("store_url")
    @classmethod
    def _understood(cls, value: str) -> str:
        if value:
            check_url(value)
        return value

    @field_validator("base_url", "landing_url", "shop_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not _WEB_ADDRESS.fullmatch(value):
            raise ValueError("is a web address in ASCII such as https://img.example.com")
        return value

    @field_validator("base_url")
    @classmethod
    def _without_path(cls, value: str) -> str:
        bare = value.rstrip("/")
        if urlsplit(bare).query or urlsplit(bare).fragment:
            raise ValueError("has neither query nor fragment")
        return bare

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _is_host(name):
                raise ValueError(f"{name} is no host, such as shop.example or shop.example:8443")
        return value

    @field_validator("outgoing_allow")
    @classmethod
    def _reachable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        Reach.of(value)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name)}
        if absent := _absent_in_production(self.environment, given):
            raise ValueError(absent)
        if self.landing_url:
            try:
                self.hosts.check(self.landing_url)
            except LinkError as error:
                raise ValueError(f"{PREFIX}LANDING_URL: {error}") from error
        return self

    @property
    def hosts(self) -> AllowedHosts:
        """Where links may lead."""
        return AllowedHosts.of((urlsplit(self.public_url).netloc, *self.allowed_hosts))

    @property
    def runs_worker(self) -> bool:
        """Whether the serving process does what is scheduled."""
        return not self.store_url if self.worker is None else self.worker

    @property
    def reach(self) -> Reach:
        """What outgoing requests may reach."""
        return Reach.of(self.outgoing_allow, http=self.outgoing_http)

    @property
    def address(self) -> str:
        """Where this machine reaches the server, as `host:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def public_url(self) -> str:
        return self.base_url or f"http://{self.address}"

    def secured(self) -> "Settings":
        """With the secrets of the data folder where none are given.

        Raises SettingsError if they cannot be read or made.
        """
        if self.url_keys and self.api_tokens:
            return self
        try:
            made = load_or_make(self.data_dir)
        except (OSError, ValueError) as error:
            raise SettingsError(f"no secrets in {self.data_dir}: {error}") from error
        return self.model_copy(
            update={
                "url_keys": self.url_keys or made.url_keys,
                "api_tokens": self.api_tokens or (made.api_token,),
            }
        )

    @property
    def keyring(self) -> Keyring:
        return Keyring(tuple(parse_secret(text) for text in self.url_keys))


def read_settings(**given: object) -> Settings:
    """The settings of the environment; `given` ones go before. So does PORT, by which platforms
    name the port, for all commands: this server's own host, which links may lead to, has it.

    Raises SettingsError with a line for each that is wrong.
    """
    if port := os.environ.get("PORT"):
        given = {"port": port, **given}
    named = {name.removeprefix(PREFIX).lower() for name in os.environ if name.startswith(PREFIX)}
    lines = [
        f"{PREFIX}{name.upper()}: there is no such setting"
        for name in sorted(named - Settings.model_fields.keys() - OF_CLIENTS)
    ]
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines += [_line(dict(problem)) for problem in error.errors()]
        filled = {name for name in named if os.environ.get(f"{PREFIX}{name.upper()}")}
        environment = os.environ.get(f"{PREFIX}ENVIRONMENT")
        absent = _absent_in_production(environment, filled | given.keys())
        if absent and absent not in lines:
            lines.append(absent)
    if lines:
        raise SettingsError("\n".join((*lines, f"Every setting is described in {DOCUMENTATION}.")))
    return settings


def _absent_in_production(environment: str | None, given: Set[str]) -> str:
    """What production needs and is not given, a value that is empty among it; empty if nothing."""
    needed = ("url_keys", "api_tokens", "base_url", "landing_url", "allowed_hosts")
    absent = [f"{PREFIX}{name.upper()}" for name in needed if name not in given]
    if environment != "production" or not absent:
        return ""
    return f"production needs {', '.join(absent)}"


def _line(problem: dict[str, object]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    where = problem["loc"]
    if not isinstance(where, tuple) or not where:
        return message
    name = f"{PREFIX}{str(where[0]).upper()}"
    secret = name.endswith(("KEYS", "TOKENS", "SECRETS", "STORE_URL"))
    shown = "" if secret else f" (it is {problem['input']!r})"
    return f"{name}: {message}{shown}"
