"""The HTTP application on its parts, with the rings around it."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse

from app.api.application import routed_application
from app.api.body import BodyLimit
from app.api.boundary import Boundary
from app.api.paths import EncodedNames
from app.api.security import Keys
from app.bootstrap import Container
from app.web.application import screens
from app.web.parts import PREFIX, Parts


def create_app(container: Container) -> FastAPI:
    """The application on these parts, which whoever made them closes."""
    app = routed_application()
    app.state.keys = Keys(container.key_directory, container.admin_key)
    app.state.configure = container.configure
    app.state.operations = container.operations
    app.state.public_url = container.settings.public_url
    app.state.cxml = container.cxml
    app.state.clock = container.clock
    app.state.readiness = container.readiness
    app.state.metrics = container.metrics
    app.state.gauges = container.gauges
    for bare in ("/", PREFIX):
        app.add_route(bare, _start_page, include_in_schema=False)
    app.mount(PREFIX, screens(_parts(container)))
    # The last one added is the outermost: first the path is read, then the request has a trace, then its body is limited.
    app.add_middleware(BodyLimit, max_bytes=container.settings.max_body_bytes)
    app.add_middleware(Boundary, metrics=container.metrics)
    app.add_middleware(EncodedNames)
    return app


def _parts(container: Container) -> Parts:
    return Parts(
        operations=container.operations,
        configure=container.configure,
        people=container.people,
        clock=container.clock,
        public_url=container.settings.public_url,
    )


async def _start_page(_: Request) -> RedirectResponse:
    """People who type the bare address want the screens."""
    return RedirectResponse(f"{PREFIX}/", status_code=303)
