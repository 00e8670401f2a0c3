"""Bytes to an element tree, with nothing fetched, nothing expanded and no exception. Pure.

The format is UTF-8 without a DOCTYPE. One that is there is refused before the parser sees it: an entity in an attribute would be
expanded, whatever the parser is told.
"""

from lxml import etree

from app.adapters.erp.answers import HttpAnswer

Element = etree._Element


def parse(answer: HttpAnswer) -> Element | None:
    """The root element without comments and processing instructions; None where the body is cut, no such XML or has a DOCTYPE."""
    if answer.truncated or b"<!DOCTYPE" in answer.content:
        return None
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever the document says: in another encoding a DOCTYPE would not be seen above
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(answer.content, parser)
    except (etree.LxmlError, ValueError):
        return None
