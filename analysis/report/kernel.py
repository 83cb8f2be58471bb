"""A Jupyter kernel forked from this process, which has already imported the heavy libraries.

It speaks the same protocol as any kernel, without the seconds of a start.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelClient, AsyncKernelManager, provisioning
from jupyter_client.connect import write_connection_file

from . import ROOT

PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a process gets when its parent ends


def die_with_parent() -> None:
    """Have Linux end this process when the one that made it ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Client(AsyncKernelClient):
    """A client that is ready as soon as the kernel's output channel is heard."""

    async def wait_for_ready(self, timeout=None):
        """Ask until the output channel is heard; the library's own wait takes 0.2 s longer."""
        heard = False
        while not heard:
            await self.kernel_info(reply=True, timeout=timeout)
            with contextlib.suppress(Empty):
                while True:
                    heard = bool(await self.iopub_channel.get_msg(timeout=0.02))


@contextlib.contextmanager
def same_for_everybody() -> Iterator[None]:
    """Have processes started here find the package, and nothing of the user's own settings."""
    before = dict(os.environ)
    with TemporaryDirectory(prefix="no-settings-", ignore_cleanup_errors=True) as empty:
        path = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        os.environ["PYTHONHASHSEED"] = "0"  # the same inputs give the same bytes
        os.environ["STATIC_REPORT"] = "1"  # panels with sliders show a table instead
        os.environ["IPYTHONDIR"] = empty  # start-up files there would run in every kernel
        os.environ.pop("PYTHONSTARTUP", None)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def forked_kernel(folder: Path) -> Iterator[AsyncKernelManager]:
    """Give the manager of a kernel forked here; kernel and sockets go when the context ends."""
    with TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as sockets:
        connection, _ = write_connection_file(
            f"{sockets}/kernel.json", transport="ipc", ip=f"{sockets}/s"
        )
        kernel_process = os.fork()
        if kernel_process == 0:
            _become_kernel(connection, folder)
        try:
            yield _manager_of(kernel_process, connection)
        finally:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(kernel_process, signal.SIGKILL)
                os.waitpid(kernel_process, 0)


def _become_kernel(connection: str, folder: Path) -> None:
    """Be a kernel that works in `folder` until it is ended; never return."""
    die_with_parent()
    os.chdir(folder)
    options = [
        f"--IPKernelApp.parent_handle={os.getppid()}",
        "--HistoryManager.enabled=False",
    ]
    IPKernelApp.launch_instance(argv=["-f", connection, *options])
    os._exit(0)


def _manager_of(kernel_process: int, connection: str) -> AsyncKernelManager:
    """Give a manager that takes a process which runs already for a kernel that it has started."""
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc", client_factory=Client)
    manager.load_connection_file(connection)
    provisioner = provisioning.LocalProvisioner(
        kernel_id="forked", kernel_spec=manager.kernel_spec, parent=manager
    )
    provisioner.pid = kernel_process
    provisioner.connection_info = manager.get_connection_info()
    provisioner.process = SimpleNamespace(
        pid=kernel_process,
        poll=lambda: os.waitpid(kernel_process, os.WNOHANG)[0] or None,
    )
    manager.provisioner = provisioner
    return manager
