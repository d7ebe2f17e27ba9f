"""A service as it is: its real fold, with real handlers, in one process."""

import asyncio
from importlib import import_module

from bench.setup import ContestantSetup, Stopwatch, run_contestant, wait_until_done
from microgov.services.chassis.cancellation import cancel_and_wait
from microgov.services.chassis.runtime import memory


async def run(ground: ContestantSetup) -> dict[str, float]:
    """Rate from LOG through the database back into LOG."""
    memory.freeze_heap()
    mine = import_module(f"microgov.services.{ground.service.name}.app").tenancy(
        ground.tenant, ground.settings()
    )
    watch = Stopwatch(ground.count // 20)
    running = asyncio.create_task(mine.run())
    await wait_until_done(lambda: mine.fold.handed, ground.count, watch)
    await mine.fold.appender.idle.wait()
    figures = watch.figures(ground.count)
    said = await ground.log_end() - ground.count
    await cancel_and_wait(running)
    return {**figures, "said": said}


if __name__ == "__main__":
    run_contestant(run)
