"""The API's own description: a page made from the OpenAPI schema, with nothing loaded from anywhere."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.publish.catalogue import ALIASES, DIMENSIONS, METRICS, answering
from hubbub.serve.pages.assets import asset_url

PAGE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
    files("hubbub.serve.api").joinpath("docs.html").read_text()
)
PREFIX = "/api/"


class Parameter(Struct, frozen=True):
    """One parameter of a route."""

    name: str
    description: str


class Route(Struct, frozen=True):
    """One route of the schema, for readers."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    answers: tuple[tuple[str, str], ...]


class MetricLine(Struct, frozen=True):
    """A metric, what it means, and the dimensions it goes with."""

    name: str
    unit: str
    definition: str
    dimensions: tuple[str, ...]


def docs_page(schema: dict[str, Any], example_site: str) -> str:
    """The page for an OpenAPI schema."""
    return PAGE.render(
        style=asset_url("api.css"),
        title=schema["info"]["title"],
        version=schema["info"]["version"],
        routes=_routes(schema),
        metrics=_metrics(),
        aliases=ALIASES,
        site=example_site,
    )


def _routes(schema: dict[str, Any]) -> list[Route]:
    return [
        Route(
            method.upper(),
            path,
            operation.get("summary", ""),
            operation.get("description", ""),
            tuple(Parameter(one["name"], one.get("description", "")) for one in operation.get("parameters", ())),
            tuple((status, one.get("description", "")) for status, one in operation["responses"].items()),
        )
        for path, item in sorted(schema["paths"].items())
        if path.startswith(PREFIX)
        for method, operation in item.items()
    ]


def _metrics() -> list[MetricLine]:
    return [
        MetricLine(name, metric.unit, metric.definition, tuple(one for one in DIMENSIONS if _goes(name, one)))
        for name, metric in METRICS.items()
    ]


def _goes(metric: str, dimension: str) -> bool:
    try:
        answering(metric, "" if dimension in ("site", "day", "week", "month") else dimension)
    except QueryError:
        return False
    return True
