"""A stop under load, by the signals a service manager sends: who was told so is stored, who was not is not, and the
server ends by itself.
"""

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from served_home import FIREFOX, SITE, ServedHome, run_hubbub

from hubbub.cli.home import Home

CONNECTIONS = 40


async def keep_sending(port: int, connection: int, acknowledged: list[str]) -> None:
    """Page views one after the other on one connection, until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for n in range(1_000_000):
            path = f"/of/{connection}/{n}"
            body = json.dumps({"n": "pageview", "u": f"https://{SITE}{path}", "d": SITE}).encode()
            head = (
                f"POST /api/event HTTP/1.1\r\nhost: x\r\nuser-agent: {FIREFOX}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(answer.partition("content-length: ")[2].split("\r\n")[0]))
            assert answer.startswith("http/1.1 202"), answer
            assert "x-hubbub-dropped" not in answer.replace("expose-headers: x-plausible-dropped, x-hubbub-dropped", "")
            acknowledged.append(path)
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def stop_under_load(served: ServedHome, number: signal.Signals, is_whole: bool) -> list[str]:
    """What was acknowledged by a server that got the signal while it was busy, alone or with its workers."""
    acknowledged: list[str] = []
    sending = [asyncio.create_task(keep_sending(served.port, n, acknowledged)) for n in range(CONNECTIONS)]
    while len(acknowledged) < 20 * CONNECTIONS:
        await asyncio.sleep(0.01)
    assert served.process is not None
    (os.killpg if is_whole else os.kill)(served.process.pid, number)
    await asyncio.gather(*sending)
    return acknowledged


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("number", "is_whole"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)]
)
def test_what_was_acknowledged_is_stored_and_nothing_else(
    tmp_path: Path, workers: str, number: signal.Signals, is_whole: bool
) -> None:
    home = tmp_path / "home"
    run_hubbub(None, "init", str(home), "--site", SITE)
    with ServedHome(home, "--workers", workers) as served:
        acknowledged = asyncio.run(stop_under_load(served, number, is_whole))
        assert served.process is not None
        assert served.process.wait(120) == 0
    raw = Home.open(home).raw
    stored = Counter(raw.read_many([raw.seal(found.source, found.day) for found in raw.days()])["page"].to_pylist())
    assert len(acknowledged) == len(set(acknowledged))
    assert stored == Counter(acknowledged)
