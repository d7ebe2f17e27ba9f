"""Settings, from the environment (MICROGOV_…); `python -m services.chassis.settings` prints them with their meaning."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.chassis.bus import Address


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
    database: Annotated[
        str, Field(description="SQLAlchemy URL; {service} and {tenant} are filled in")
    ] = "sqlite:///var/{service}/{tenant}.sqlite"
    database_password_file: Annotated[Path | None, Field(description="a file with the database password")] = None
    tenants: Annotated[
        Path, Field(description="tenants.toml, as `microgov tenant add` writes it")
    ] = Path("var/tenants.toml")
    publishers: Annotated[
        Path, Field(description="folder of the publishers' credentials (gateway, command line)")
    ] = Path("var/nats")
    secrets: Annotated[Path, Field(description="folder of the command line's own credentials")] = Path("var/secrets")
    otlp_endpoint: Annotated[str | None, Field(description="OTLP/HTTP endpoint for traces; none: not exported")] = None
    stuck_seconds: Annotated[
        float, Field(gt=0, description="a handler or an event loop that needs longer ends the process")
    ] = 60.0
    log_level: Annotated[str, Field(description="debug, info, warning or error")] = "info"

    def address(self) -> Address:
        """Where the broker is and who we are there."""
        return Address(self.nats_url, self.nats_user, _secret(self.nats_password_file))

    def database_url(self, service: str, tenant: str) -> str:
        """The URL of a service's database for a tenant."""
        return self.database.format(service=service, tenant=tenant)

    def database_password(self) -> str | None:
        """None where the URL says it all."""
        return _secret(self.database_password_file)

    def hosted(self) -> list[TenantSettings]:
        """The tenants of tenants.toml, by name; none where the file is not there yet."""
        if not self.tenants.exists():
            return []
        found = tomllib.loads(self.tenants.read_text(encoding="utf-8")).get("tenants", {})
        return [TenantSettings(name=name, **values) for name, values in sorted(found.items())]


def _secret(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file is not None else None


def describe() -> str:
    """Every setting with its variable, its default and its meaning."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "–" if field.default is None else field.default
        lines.append(f"MICROGOV_{name.upper():24} {field.description} (default: {default})")
    return "\n".join(lines)


if __name__ == "__main__":
    print(describe())
