"""The server process beside others of its home."""

from pathlib import Path

import pytest

from hubbub.cli.home import Home
from hubbub.cli.server import metrics_of
from hubbub.serve.metrics import MetricsServer


def test_a_second_process_of_a_home_does_without_metrics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hubbub collect` beside `hubbub serve`: one port of metrics tells of all workers."""
    first = MetricsServer(0, tmp_path)
    settings = f"server: {{metrics_port: {first.port}}}\nsites: [{{name: a.example}}]\n"
    (tmp_path / "hubbub.yaml").write_text(settings, "utf-8")
    try:
        assert metrics_of(Home.open(tmp_path)) is None
    finally:
        first.close()
    assert f"server.metrics_port {first.port}" in capsys.readouterr().err
    second = metrics_of(Home.open(tmp_path))
    assert second is not None
    second.close()
