"""Settings from environment variables (MICROGOV_…).

`python -m microgov.services.chassis.runtime.settings` prints them with their meaning.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from microgov.services.chassis.errors import Problem
from microgov.services.chassis.jetstream.connection import BrokerAddress
from microgov.services.chassis.runtime.file_access import secret_in, text_of


class TenantSettings(BaseModel):
    """One line of tenants.toml."""

    model_config = ConfigDict(frozen=True)

    name: str
    simulated_clock: bool = False


class Settings(BaseSettings):
    """What an operator can set for a service."""

    model_config = SettingsConfigDict(env_prefix="MICROGOV_", frozen=True)

    nats_url: Annotated[str, Field(description="where the broker is")] = "nats://127.0.0.1:4222"
    nats_user: Annotated[str | None, Field(description="this service's user at the broker")] = None
    nats_password_file: Annotated[Path | None, Field(description="a file with that user's password")] = None
    database: Annotated[str, Field(description="SQLAlchemy URL; {service} and {tenant} are filled in")] = (
        "sqlite:///var/{service}/{tenant}.sqlite"
    )
    database_password_file: Annotated[Path | None, Field(description="a file with the database password")] = (
        None
    )
    tenants: Annotated[Path, Field(description="tenants.toml, as `microgov tenant add` writes it")] = Path(
        "var/tenants.toml"
    )
    publishers: Annotated[
        Path, Field(description="folder of the publishers' credentials (gateway, command line)")
    ] = Path("var/nats")
    secrets: Annotated[Path, Field(description="folder of the command line's own credentials")] = Path(
        "var/secrets"
    )
    backups: Annotated[Path, Field(description="folder of the backups")] = Path("var/backups")
    otlp_endpoint: Annotated[
        str | None, Field(description="OTLP/HTTP endpoint for traces; none: not exported")
    ] = None
    stuck_seconds: Annotated[
        float, Field(gt=0, description="a handler or an event loop that needs longer ends the process")
    ] = 60.0
    log_level: Annotated[str, Field(description="debug, info, warning or error")] = "info"
    compose: Annotated[
        bool, Field(description="deploy/compose.yaml runs this: advice names its commands")
    ] = False

    def address(self) -> BrokerAddress:
        """Address and credentials at the broker."""
        return BrokerAddress(self.nats_url, self.nats_user, _secret(self.nats_password_file))

    def database_url(self, service: str, tenant: str) -> str:
        """The URL of a service's database for a tenant. Raises Problem if MICROGOV_DATABASE is no usable URL."""
        from sqlalchemy.engine import make_url  # takes 0.1 s; most commands do not need it
        from sqlalchemy.exc import SQLAlchemyError

        try:
            url = self.database.format(service=service, tenant=tenant)
            make_url(url).get_dialect()
        except (SQLAlchemyError, ImportError, LookupError, ValueError) as error:
            raise Problem(
                "MICROGOV_DATABASE 不是可用的数据库 URL。请写成 sqlite:///var/{service}/{tenant}.sqlite 或 "
                "postgresql+psycopg://用户@主机/{service}_{tenant}。",
                "MICROGOV_DATABASE is no database URL that can be used. Write it as sqlite:///var/{service}/{tenant}"
                ".sqlite or postgresql+psycopg://user@host/{service}_{tenant}.",
            ) from error
        return url

    def database_password(self) -> str | None:
        """The database password; None if no file is set."""
        return _secret(self.database_password_file)

    def hosted(self) -> list[TenantSettings]:
        """The tenants of tenants.toml, by name; none if the file does not exist. Raises Problem if it cannot be
        understood.
        """
        text = text_of(self.tenants)
        try:
            found = tomllib.loads(text or "").get("tenants", {})
        except tomllib.TOMLDecodeError as error:
            raise _broken(self.tenants, str(error)) from error
        if not isinstance(found, dict):
            raise _broken(self.tenants, "[tenants] is no table")
        return [
            self._tenant(name, values, (text or "").splitlines()) for name, values in sorted(found.items())
        ]

    def _tenant(self, name: str, values: object, lines: Sequence[str]) -> TenantSettings:
        try:
            return TenantSettings.model_validate(
                {**values, "name": name} if isinstance(values, dict) else values
            )
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            its = re.compile(rf"(\[?tenants\.|\W)*{re.escape(name)}\b")
            at = next((n for n, line in enumerate(lines, 1) if its.match(line)), 1)
            why = ".".join(map(str, (name, *wrong["loc"]))) + f": {wrong['msg']}"
            raise _broken(self.tenants, f"{why} (at line {at})") from error


def _broken(file: Path, why: str) -> Problem:
    line = "donghu = { simulated_clock = false }"
    return Problem(
        f"无法读懂 {file}：{why}。每个租户一行，如 {line}；请改正，或从副本恢复。",
        f"{file} cannot be understood: {why}. Each tenant is a line such as {line}; mend it, or restore it from "
        "a copy.",
    )


def _secret(file: Path | None) -> str | None:
    return secret_in(file) if file is not None else None


def describe() -> str:
    """Every setting with its variable, its default and its meaning."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "–" if field.default is None else field.default
        lines.append(f"MICROGOV_{name.upper():24} {field.description} (default: {default})")
    return "\n".join(lines)


if __name__ == "__main__":
    print(describe())
