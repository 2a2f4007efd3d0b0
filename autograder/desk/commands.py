"""The command `convlab desk`."""

from __future__ import annotations

import secrets
import socket
from importlib.util import find_spec
from pathlib import Path

import click

from autograder.errors import UsageError, reason
from autograder.lab import load_lab

FOLDER = click.Path(path_type=Path, file_okay=False)
HERE = "127.0.0.1"
NEEDED = ("starlette", "uvicorn", "latex2mathml", "markdown_it", "mdit_py_plugins")


@click.command()
@click.argument("out", type=FOLDER, metavar="RESULTS")
@click.option("--as", "who", metavar="NAME", help="Who marks [default: CONVLAB_MARKER or your user name].")
@click.option("--names", is_flag=True, help="Show whose answers these are.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port [default: any that is free].")
def desk(out: Path, who: str | None, names: bool, port: int) -> None:
    """Mark answers in the browser, one question of all submissions at a time.

    Prints an address of this machine to open in a browser; it works until you stop the command with Ctrl-C.
    Tick the rubric's items by keys, comment, go to the next unmarked answer; ? shows all keys. Everything is
    saved in RESULTS/marks.sqlite as you mark; several people can mark at once, and while `convlab grade`
    runs. Names are hidden, and each marker gets the answers in an order of their own. docs/marking.md shows
    it all. Run `convlab report RESULTS` afterwards.
    """
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        raise UsageError(f"the desk needs {', '.join(lacking)}: pip install {' '.join(lacking)}")
    import uvicorn

    from autograder.desk.app import application
    from autograder.desk.room import Desk
    from autograder.gradebook import marker

    lab = load_lab()
    token = secrets.token_urlsafe(16)
    room = Desk(out, lab, token)
    listening = _listening(port)
    chosen = listening.getsockname()[1]
    hosts = [f"{HERE}:{chosen}", f"localhost:{chosen}"]
    app = application(room, token, hosts, marker(who), names)
    click.echo(f"Open http://{HERE}:{chosen}/{token}/ in your browser. Ctrl-C ends the desk.")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()
    settled = room.book.settle()
    if settled.holder:
        click.echo(f"The marks are saved. {settled.holder} is writing in {out} and adds them to the grades.")
    else:
        click.echo(f"The marks are in {out}. `convlab report {out}` puts them on the pages.")


def _listening(port: int) -> socket.socket:
    """A socket of this machine only, which no other process shares.

    Its protocol is named, since asyncio sends small packets at once only on sockets that name TCP: otherwise
    the second part of each answer waits 40 ms for the browser to acknowledge the first.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HERE, port))
        found.listen()
    except OSError as error:
        found.close()
        raise UsageError(f"--port {port}: {reason(error)}; choose another") from None
    return found
