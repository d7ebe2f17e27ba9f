"""A service as it is deployed, in one process: its fold with its handlers."""

import asyncio
from importlib import import_module

from bench.setup import ContestantSetup, Stopwatch, run_contestant, wait_until_done
from microgov.services.chassis import memory
from microgov.services.chassis.cancellation import cancel_and_wait


async def run(setup: ContestantSetup) -> dict[str, float]:
    """Folds the whole log; returns the rate of reading from LOG, writing to the database and appending to LOG."""
    memory.freeze_heap()
    mine = import_module(f"microgov.services.{setup.service.name}.app").tenancy(
        setup.tenant, setup.settings()
    )
    watch = Stopwatch(setup.count // 20)
    running = asyncio.create_task(mine.run())
    await wait_until_done(lambda: mine.fold.handed, setup.count, watch)
    await mine.fold.appender.idle.wait()
    figures = watch.figures(setup.count)
    said = await setup.log_end() - setup.count
    await cancel_and_wait(running)
    return {**figures, "said": said}


if __name__ == "__main__":
    run_contestant(run)
