"""A Python that has imported the libraries already, for tests that run many commands of toys.

Starting Python and importing the libraries takes most of the time of a toy report. `serve` imports
them once and then forks for each command that the script from `warm_python` hands it. A command
runs in its own folder, environment and streams, with the modules of the project in that folder.

Linux alone forks safely; elsewhere every command starts afresh.
"""

import atexit
import functools
import importlib
import json
import os
import runpy
import select
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STREAMS = (0, 1, 2)


@functools.cache
def warm_python() -> str:
    """Give a program that runs `-m module ...` as Python does, once this process needs one."""
    if sys.platform != "linux":
        return sys.executable
    folder = tempfile.TemporaryDirectory(prefix="warm-python-")
    place = Path(folder.name) / "socket"
    itself = str(Path(__file__).resolve())
    settings = os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [sys.executable, itself, "serve", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=settings,
    )
    assert server.stdout.readline() == b"ready\n"
    atexit.register(folder.cleanup)
    atexit.register(server.communicate)  # it ends with its standard input
    script = Path(folder.name) / "python"
    command = shlex.join([sys.executable, "-IS", itself, "run", str(place)])
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    script.chmod(0o755)
    return str(script)


def run(place: str, arguments: list[str]) -> int:
    """Have the server run a command with the streams of this process; give its exit status."""
    asked = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(place)
        socket.send_fds(connection, [b"!"], STREAMS)
        connection.sendall(json.dumps(asked).encode())
        connection.shutdown(socket.SHUT_WR)
        return int(connection.recv(16))


def serve(place: str) -> None:
    """Fork for each command asked for, until nobody holds the other end of standard input."""
    import_libraries()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                answer(connection)
            connection.close()
            reap()


def import_libraries() -> None:
    """Import, and use once, what our modules import; they themselves are those of each project."""
    sys.path.insert(0, str(ROOT))
    importlib.import_module("seaborn")  # which our modules import where they draw
    workers = importlib.import_module("analysis.report.workers")
    workers._warm_up()
    for name in [name for name in sys.modules if name.split(".")[0] == "analysis"]:
        del sys.modules[name]
    sys.path.remove(str(ROOT))


def reap() -> None:
    """Let go of the commands that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def answer(connection: socket.socket) -> None:
    """Run one command in a process of its own, say how it ended, and end."""
    _, streams, *_ = socket.recv_fds(connection, 1, len(STREAMS))
    with connection.makefile("rb") as file:
        asked = json.load(file)
    child = os.fork()
    if child == 0:
        connection.close()
        become(asked, streams)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(str(status).encode())
    os._exit(0)


def become(asked: dict, streams: list[int]) -> None:
    """Be the command: its streams, folder, environment and arguments; never return."""
    for stream, handed in zip(STREAMS, streams, strict=True):
        os.dup2(handed, stream)
        os.close(handed)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    option, *arguments = asked["arguments"]
    if option != "-m":
        os.execv(sys.executable, [sys.executable, option, *arguments])
    sys.argv = arguments
    sys.path[0] = asked["folder"]
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(run(sys.argv[2], sys.argv[3:]))
