"""The barest service that could stand in for Glint's: FastAPI and asyncpg, and a database transaction that inserts given rows.

`python -m bench.bare_service PORT DATABASE_URL ROWS`, where ROWS is a file: by kind of request, for every table the statement and its
parameters but the first, which is a tenant of the request's own, so that no two requests write the same key.
"""

import asyncio
import pickle
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI, Request

CONNECTIONS = 16


def service(database_url: str, rows: Path) -> FastAPI:
    statements = pickle.loads(rows.read_bytes())  # noqa: S301 - the bench's own, of a minute ago
    tenants = count(1)

    @asynccontextmanager
    async def pooled(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=pooled)

    @app.post("/events/{kind}")
    async def record(kind: str, request: Request) -> dict[str, str]:
        sent = await request.json()
        tenant = UUID(int=next(tenants))
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            for sql, parameters in statements[kind]:
                await connection.execute(sql, tenant, *parameters)
        return {"id": sent["id"]}

    return app


def main() -> None:
    port, database_url, rows = sys.argv[1:]
    config = uvicorn.Config(service(database_url, Path(rows)), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
    asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
