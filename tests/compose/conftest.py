"""The deployment that all tests of compose share."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.compose.engine import DEPLOY, cli, compose, engine, no_secrets


@pytest.fixture(scope="session")
def stack() -> Iterator[None]:
    if not engine():
        if os.environ.get("CI"):
            pytest.fail("no container engine: run this under ../shared/compose-rig/rig.sh run -- …")
        pytest.skip("no container engine at hand: run this under ../shared/compose-rig/rig.sh run -- …")
    compose("down", "-v", check=False)
    no_secrets()
    shutil.rmtree(DEPLOY / "backups", ignore_errors=True)  # those of another installation are not continued
    cli("secrets", "make", "/secrets")
    assert "docker compose -f deploy/compose.yaml up --wait" in cli("status", code=3)
    compose("build")
    compose("up", "--wait", "--wait-timeout", "180")
    yield
    print(compose("logs", "--tail", "30", check=False))
    compose("down", "-v", check=False)
