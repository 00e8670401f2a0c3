"""A `json` endpoint: an ERP, or what stands before it, that speaks the format of `docs/json-adapter.md`."""

from app.adapters.erp.agreed.connection import AgreedConnection, Form, capabilities_with
from app.adapters.erp.agreed.settings import AgreedSettings
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.payload import request_body
from app.adapters.erp.json.reading import read_json
from app.adapters.erp.json.settings import JsonCredentials, read_endpoint
from app.application.ports.erp import Connection

FORM = Form(media_type="application/json", write=request_body, read=read_json)


class JsonConnection(AgreedConnection):
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        super().__init__(http, read_endpoint(connection), FORM)


JSON = Destination(
    name="json",
    title="JSON, for an ERP behind middleware",
    check=read_endpoint,
    connect=JsonConnection,
    capabilities=capabilities_with(AgreedSettings()),
    settings=AgreedSettings,
    credentials=JsonCredentials,
)
