"""How hard the sender had to work."""

import asyncio
import time

from dyncontent.load.strain import Strain, strained


def test_a_process_that_holds_its_event_loop_is_told() -> None:
    async def run() -> tuple[Strain, Strain]:
        async with strained() as idle:
            while idle.lags.count < 10:
                await asyncio.sleep(0.01)
        async with strained() as busy:
            await asyncio.sleep(0.03)
            began = time.process_time()
            while time.process_time() - began < 0.1:
                pass
            await asyncio.sleep(0.03)
        return idle, busy

    idle, busy = asyncio.run(run())
    assert busy.cpu >= 0.1
    assert busy.lags.max >= 0.08
    assert idle.lags.count > 0
    assert idle.busy < busy.busy
    assert Strain().busy == 0
