"""`microgov rebuild`: empties the tables of a service, which folds the whole log again at its next start."""

import asyncio
from typing import Annotated

import typer
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from microgov.client.connection import Misuse, check_local_installation, connection_settings, must_exist
from microgov.commands.base import TENANT, Tenant, echo, examples
from microgov.folds import FOLDS
from microgov.services.chassis.errors import Problem
from microgov.services.chassis.fold.rebuild import owner_of_tables, reset
from microgov.services.chassis.installed import home_of
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine

EXAMPLES = examples(
    "microgov rebuild issues --tenant donghu", "microgov rebuild issues --tenant donghu --strict"
)


def rebuild(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="the service · 哪个服务")],
    tenant: Tenant = TENANT,
    strict: Annotated[
        bool,
        typer.Option(
            help="stop also at a refusal with another code than in the log; else these are counted, see `status` · "
            "拒绝代码不同时也停止"
        ),
    ] = False,
) -> None:
    """Empties the tables of a stopped service; at its next start it folds the log anew and compares all messages · 重建"""
    found = next((one for one in FOLDS if one.name == service), None)
    if found is None:
        raise typer.BadParameter(f"{', '.join(one.name for one in FOLDS)} – not {service}")
    settings = connection_settings()
    check_local_installation(settings, f"rebuild {service} --tenant {tenant}{' --strict' if strict else ''}")
    must_exist(settings, [tenant], [one.name for one in settings.hosted()])
    made = engine(settings.database_url(home_of(service), tenant), settings.database_password)
    _must_belong(made, found, tenant)
    echo(
        "等待服务停止（服务运行时不会改动）…", "Waiting until no instance holds the lease: stop the service …"
    )
    asyncio.run(reset(made, found, strict))
    made.dispose()
    echo(
        "已清空；服务下次启动时重新折叠日志并比对。",
        "Emptied; at its next start the service folds the log again and compares.",
    )


def _must_belong(made: Engine, service: Service, tenant: str) -> None:
    """Raises Misuse or Problem if the database has not folded this tenant's log; changes nothing."""
    shown = made.url.render_as_string(hide_password=True)
    try:
        owner = owner_of_tables(made, service)
    except (DBAPIError, OSError) as error:
        why = " ".join(str(getattr(error, "orig", error)).split())
        raise Problem(
            f"无法使用数据库 {shown}：{why}。请检查 MICROGOV_DATABASE。",
            f"The database {shown} cannot be used: {why}. Check MICROGOV_DATABASE.",
        ) from error
    if owner not in (tenant, ""):
        zh = "还没有服务用过" if owner is None else f"属于租户 {owner}"
        en = "no service has used yet" if owner is None else f"is of tenant {owner}"
        raise Misuse(
            f"{shown} {zh}，没有改动它。请在启动服务的文件夹中运行，或设置 MICROGOV_DATABASE。",
            f"{shown} {en}: nothing was changed. Run this in the folder where the services were started, or set "
            "MICROGOV_DATABASE.",
        )
