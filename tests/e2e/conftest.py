"""The API's people and its server on a port, for clients that are not ours."""

from tests.server.api.conftest import ada, app, person, port, settings, system

__all__ = ["ada", "app", "person", "port", "settings", "system"]
