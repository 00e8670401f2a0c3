"""An `xml` endpoint: an ERP behind middleware that speaks the format of `docs/adapters/xml.md`."""

from app.adapters.erp.agreed.connection import AgreedConnection, Form, capabilities_with
from app.adapters.erp.agreed.settings import AgreedSettings
from app.adapters.erp.destination import Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.xml.payload import problems_of, request_body
from app.adapters.erp.xml.reading import read_xml
from app.adapters.erp.xml.settings import XmlCredentials, read_endpoint
from app.application.ports.erp import Connection

FORM = Form(media_type="application/xml", write=request_body, read=read_xml, problems=problems_of)


class XmlConnection(AgreedConnection):
    """One endpoint. Raises `Invalid` at once where the connection's shape is wrong."""

    def __init__(self, http: HttpClient, connection: Connection) -> None:
        super().__init__(http, read_endpoint(connection), FORM)


XML = Destination(
    name="xml",
    title="XML, for an ERP behind middleware",
    check=read_endpoint,
    connect=XmlConnection,
    capabilities=capabilities_with(AgreedSettings()),
    settings=AgreedSettings,
    credentials=XmlCredentials,
)
