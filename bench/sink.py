"""An ERP that books everything and keeps nothing: a process of its own on loopback, as cheap as it can be."""

import asyncio
import json
import sys


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Requests of one connection, until its client goes."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            references = [journal["reference"] for journal in json.loads(await reader.readexactly(length))["journals"]]
            result = (
                {"result": "valid", "problems": []} if b"/validate" in head.split(b"\r\n")[0] else {"result": "booked", "number": "JE-1"}
            )
            body = json.dumps({"results": [{"reference": reference} | result for reference in references]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
