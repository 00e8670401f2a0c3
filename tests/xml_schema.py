"""The published schema of the `xml` adapter, as a check on real messages."""

from functools import cache
from pathlib import Path

from lxml import etree

DOCS = Path(__file__).parents[1] / "docs"
NAMESPACE = "urn:glint:account-transaction:1"


def schema_errors(message: str | bytes) -> list[str]:
    """What is wrong with a document by `docs/xml-adapter/account-transaction.xsd`; empty where nothing is."""
    try:
        _schema().assertValid(etree.fromstring(message.encode() if isinstance(message, str) else message))
    except (etree.XMLSyntaxError, etree.DocumentInvalid) as error:
        return [str(error)]
    return []


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(DOCS / "xml-adapter" / "account-transaction.xsd"))
