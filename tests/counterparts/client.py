"""A client on `websockets`: client.py URL converse|stay|leave [root [certificate key]]

Prints what it sees. What it gets back has to be what it has sent.
"""

import asyncio
import ssl
import sys

from websockets.asyncio.client import connect


def tell(*words):
    print(*words, flush=True)


async def echo(connection, data, fragments=None):
    await connection.send(fragments or data, text=isinstance(data, str))
    answer = await connection.recv()
    assert answer == data, "the echo differs"


async def converse(connection):
    await echo(connection, "grüß Gott €😀")
    await echo(connection, b"\xca\xfe")
    await echo(connection, "")
    await echo(connection, b"")
    await echo(connection, "é" * (1 << 19))
    await echo(connection, b"\x07" * (1 << 20))
    text = "grüß Gott".encode()
    await echo(connection, "grüß Gott", [text[:3], b"", text[3:]])
    await echo(connection, b"\x01" * 300, [b"\x01" * 100, b"\x01" * 200])
    tell("echoed")
    await (await connection.ping("are you there?"))
    tell("pong are you there?")
    await connection.close(4001, "tschüß")


async def stay(connection):
    await connection.send("stay")


async def leave(connection):
    connection.transport.abort()


async def main():
    url, mode, *files = sys.argv[1:]
    context = None
    if files:
        root, *shown = files
        context = ssl.create_default_context(cafile=root)
        if shown:
            context.load_cert_chain(*shown)
    options = {
        "subprotocols": ["chat.v1", "chat.v2"],
        "additional_headers": {"X-Test": "one, two"},
        "origin": "http://page.example",
        "max_size": None,
        "proxy": None,
        "ssl": context,
    }
    connection = await connect(url, **options)
    tell("subprotocol", connection.subprotocol)
    await {"converse": converse, "stay": stay, "leave": leave}[mode](connection)
    await connection.wait_closed()
    tell("closed", connection.close_code, connection.close_reason)


sys.stdout.reconfigure(encoding="utf-8")
asyncio.run(main())
