"""Whether the settings are safe: secrets and addresses."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from dyncontent.doctor.finding import Finding, Severity, well
from dyncontent.keyring import load_or_make, parse_secret
from dyncontent.settings import Settings

LEAST_BYTES = 16
"""Different bytes of a secret: 32 random ones have fewer once in 10^18 times."""
LEAST_CHARACTERS = 8
"""Different characters of a token: 16 random ones of hexadecimal digits have some ten."""
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1", "0.0.0.0", "::"))  # noqa: S104


def examine_settings(settings: Settings) -> Iterator[Finding]:
    yield from _secrets(settings)
    yield _public_url(settings)


def _secrets(settings: Settings) -> Iterator[Finding]:
    keys, tokens = settings.url_keys, settings.api_tokens
    if not (keys and tokens):
        path = settings.data_dir / "secrets.json"
        if not path.exists():
            found = f"not set; {path} is made at the first start"
        else:
            try:
                made = load_or_make(settings.data_dir)
            except (OSError, ValueError) as error:
                advice = "restore the file from a backup: URLs that were sent need its key"
                yield Finding("secrets file", "error", str(error), advice)
                return
            yield _kept_secret(path)
            keys, tokens = keys or made.url_keys, tokens or (made.api_token,)
            found = f"not set; {path} has them"
        if not settings.url_keys:
            yield Finding("signing keys", "warning", found, _SET_KEYS)
        if not settings.api_tokens:
            yield Finding("API tokens", "warning", found, _SET_TOKENS)
    if keys:
        yield _strong_keys(keys)
    if tokens:
        yield _strong_tokens(tokens)


_SET_KEYS = (
    "for production set DYNCONTENT_URL_KEYS, made by `dyncontent keys`, and keep it where it"
    " outlives this machine"
)
_SET_TOKENS = "for production set DYNCONTENT_API_TOKENS, a random one for each program"


def _kept_secret(path: Path) -> Finding:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        found = f"{path} has mode {mode:03o}: others of this machine can read it"
        return Finding("secrets file", "error", found, f"chmod 600 {path}, and make new secrets")
    return well("secrets file", f"{path} is for its owner alone")


def _strong_keys(keys: tuple[str, ...]) -> Finding:
    secrets = [parse_secret(text) for text in keys]
    weak = [secret.id for secret in secrets if _is_guessable(secret.value)]
    if weak:
        found = f"can be guessed: {', '.join(weak)}"
        advice = "put one made by `dyncontent keys` in front, and take the weak one away"
        return Finding("strength of signing keys", "error", found, advice)
    ids = ", ".join(secret.id for secret in secrets)
    return well("strength of signing keys", f"{ids}: at least 32 bytes each")


def _is_guessable(value: bytes) -> bool:
    """Few different bytes, or each as far from the one before."""
    steps = {(after - before) % 256 for before, after in pairwise(value)}
    return len(set(value)) < LEAST_BYTES or len(steps) == 1


def _strong_tokens(tokens: tuple[str, ...]) -> Finding:
    weak = sum(len(set(token)) < LEAST_CHARACTERS for token in tokens)
    if weak:
        found = f"{weak} of {len(tokens)} can be guessed"
        advice = "make random ones, such as with `openssl rand -hex 24`"
        return Finding("strength of API tokens", "error", found, advice)
    return well("strength of API tokens", f"{len(tokens)}, of at least 16 characters each")


def _public_url(settings: Settings) -> Finding:
    url = settings.public_url
    parts = urlsplit(url)
    unsafe: Severity = "error" if settings.environment == "production" else "warning"
    if parts.scheme != "https":
        found = f"{url} is not https: who is on the way reads and changes what people see"
        advice = "set DYNCONTENT_BASE_URL to an https address, and let a proxy answer it"
        return Finding("public address", unsafe, found, advice)
    if parts.hostname in _LOOPBACK:
        found = f"{url} leads mail clients to their own machine"
        advice = "set DYNCONTENT_BASE_URL to the address that the internet reaches"
        return Finding("public address", unsafe, found, advice)
    return well("public address", url)
