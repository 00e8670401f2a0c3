"""A table as a file that a person takes away."""

import asyncio
from typing import Literal

from starlette.responses import Response

from app.api.formats import MEDIA_TYPES, Format
from app.api.spreadsheet import xlsx
from app.api.tables import Table

FILES = (Format.CSV, Format.XLSX)
FileFormat = Literal[Format.CSV, Format.XLSX]
"""For a route's parameter."""


async def file_of(table: Table, wanted: Format) -> Response:
    """CSV or XLSX, made outside the event loop."""
    made = await asyncio.to_thread(xlsx if wanted is Format.XLSX else Table.csv, table)
    headers = {"Content-Disposition": f'attachment; filename="{table.title}.{wanted}"'}
    return Response(made, media_type=MEDIA_TYPES[wanted], headers=headers)
