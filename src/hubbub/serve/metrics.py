"""The operator's Prometheus metrics: whole-process sums on a loopback port, by no site and no reason."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from hubbub.serve.status import workers
from hubbub.serve.tally import WorkerStatus

LOOPBACK = "127.0.0.1"
HOSTS = (LOOPBACK, "localhost")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COUNTERS = (
    ("received", "Events read from the network since the city's midnight."),
    ("accepted", "Events whose row is on disk."),
    ("dropped", "Events dropped with a reason."),
    ("refused", "Events answered with 503."),
)


def exposition(live: list[WorkerStatus]) -> str:
    """The sums over live workers in Prometheus' text format."""
    lines = []
    for name, said in COUNTERS:
        total = sum(getattr(worker, name) for worker in live)
        lines += _metric(f"hubbub_events_{name}_total", "counter", said, total)
    waiting = sum(worker.queue for worker in live)
    lines += _metric("hubbub_events_waiting", "gauge", "Events waiting for the disk.", waiting)
    lines += _metric("hubbub_workers", "gauge", "Worker processes that answer.", len(live))
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, said: str, value: int) -> list[str]:
    return [f"# HELP {name} {said}", f"# TYPE {name} {kind}", f"{name} {value}"]


class MetricsServer:
    """Serves `GET /metrics` on 127.0.0.1 from threads, for the process that starts the workers."""

    def __init__(self, port: int, folder: Path) -> None:
        """`port` 0 takes a free one; `folder` is the home's run folder."""

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                # A page in the operator's browser must not get at it through a name that resolves to loopback.
                if self.headers.get("Host", "").partition(":")[0] not in HOSTS:
                    self.send_error(HTTPStatus.FORBIDDEN)
                elif self.path != "/metrics":
                    self.send_error(HTTPStatus.NOT_FOUND)
                else:
                    self._answer(exposition(workers(folder)).encode())

            def _answer(self, body: bytes) -> None:
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Scrapes are not logged."""

        self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self._thread = Thread(target=self._server.serve_forever, name="hubbub-metrics", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The address it listens on."""
        return str(self._server.server_address[0])

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_address[1]

    def close(self) -> None:
        """Stop and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
