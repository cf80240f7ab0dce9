"""All that is looked at, in order."""

from dyncontent.doctor.access import examine_access, examine_hosts
from dyncontent.doctor.configured import examine_settings
from dyncontent.doctor.finding import Finding
from dyncontent.doctor.machine import examine_fonts, examine_libraries, examine_machine
from dyncontent.doctor.scheduled import examine_schedule
from dyncontent.doctor.stored import examine_store
from dyncontent.serving import reached_store
from dyncontent.settings import DOCUMENTATION, Settings, SettingsError, read_settings
from dyncontent.store.embedded import EmbeddedStoreError


async def examine() -> list[Finding]:
    """What is found with the settings of the environment. An embedded store that does not run is
    started meanwhile."""
    installed = [*examine_libraries(), examine_fonts()]
    try:
        settings = read_settings()
    except SettingsError as error:
        advice = f"mend them; {DOCUMENTATION} describes each"
        return [Finding("settings", "error", str(error), advice), *installed]
    return [
        *await _store(settings),
        *examine_settings(settings),
        *examine_machine(settings),
        *installed,
    ]


async def _store(settings: Settings) -> list[Finding]:
    try:
        with reached_store(settings) as url:
            embedded = not settings.store_url
            return [
                *await examine_store(url, settings.budget_ms, embedded=embedded),
                *await examine_schedule(url, settings),
                *await examine_access(url, settings),
            ]
    except EmbeddedStoreError as error:
        advice = "mend that, or set DYNCONTENT_STORE_URL to a store that runs"
        hosts = examine_hosts(settings.allowed_hosts)
        return [Finding("store", "error", str(error), advice), hosts]
