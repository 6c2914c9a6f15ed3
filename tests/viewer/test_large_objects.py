"""A large object passes through the web server without being held there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import viewer_rig
from tests.bench.memory import growth_mb, loaded
from tests.world import World

MOST_MB = 50


@pytest.mark.soak
def test_the_web_process_stays_small_while_four_hundred_megabytes_stream(live_world: World, tmp_path: Path) -> None:
    with loaded(live_world) as load:
        with viewer_rig.web(load.pacs, tmp_path / "web") as served:
            assert growth_mb(load, served.pid, served.port) < MOST_MB
        with (
            viewer_rig.web(load.pacs, tmp_path / "behind", pixels="nginx") as served,
            viewer_rig.nginx(load.pacs, served) as port,
        ):
            assert growth_mb(load, served.pid, port) < MOST_MB
