"""A server on `websockets`: server.py [certificate key]

Prints its port, then what it sees of each connection. What it does depends on the path.
"""

import asyncio
import os
import ssl
import sys
import threading

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def tell(*words):
    print(*words, flush=True)


async def handle(connection):
    headers = connection.request.headers
    path = connection.request.path
    tell("request", path, headers.get("X-Test", "-"), headers.get("Origin", "-"))
    try:
        if act := ACTIONS.get(path):
            await act(connection)
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass
    tell("closed", connection.close_code, connection.close_reason)


def choose(_connection, offered):
    return next((name for name in ["chat.v2", "chat.v1"] if name in offered), None)


async def fragments(connection):
    # The second frame begins inside the character ü.
    parts = [b"g\xc3", b"\xbc\xc3\x9f", b"!"]
    await connection.send(parts, text=True)
    await connection.send(parts)


async def ping(connection):
    payload = "are you there?"
    await (await connection.ping(payload))
    tell("pong", payload)


async def close(connection):
    await connection.close(4001, "tschüß")


async def abrupt(connection):
    connection.transport.abort()


ACTIONS = {"/fragments": fragments, "/ping": ping, "/close": close, "/abrupt": abrupt}


async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:3])
    options = {"select_subprotocol": choose, "max_size": None, "ssl": context}
    async with serve(handle, "127.0.0.1", 0, **options) as server:
        tell(server.sockets[0].getsockname()[1])
        await server.wait_closed()


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


sys.stdout.reconfigure(encoding="utf-8")
threading.Thread(target=end_with_standard_input, daemon=True).start()
asyncio.run(main())
