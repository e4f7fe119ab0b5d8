"""ASGI apps: the collector, the dashboard, the API, and the operator's status socket."""
