"""`microgov rebuild`: the folded tables of a service from the log."""

import asyncio
from typing import Annotated

import typer

from services.chassis.database import engine
from services.chassis.rebuild import reset
from services.commands.base import TENANT, Tenant, examples, say
from services.folds import FOLDS
from services.here import here, must_exist

EXAMPLES = examples("microgov rebuild issues --tenant donghu")


def rebuild(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="which · 哪个服务")],
    tenant: Tenant = TENANT,
) -> None:
    """Stop the service first; its next start folds the log anew and compares all it says · 重建"""
    found = next((one for one in FOLDS if one.name == service), None)
    if found is None:
        raise typer.BadParameter(f"directory, issues, matching, notify – not {service}")
    settings = here()
    must_exist(settings, [tenant], [one.name for one in settings.hosted()])
    home = "gateway" if service == "directory" else service
    made = engine(settings.database_url(home, tenant), settings.database_password())
    say("等待服务停止…", "Waiting until no instance holds the lease …")
    asyncio.run(reset(made, found))
    made.dispose()
    say("已清空；服务下次启动时重新折叠日志并比对。",
        "Emptied; at its next start the service folds the log again and compares.")
