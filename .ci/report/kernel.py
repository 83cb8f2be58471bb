"""A Jupyter kernel forked from this process, which has already imported the heavy libraries: same protocol, no start-up."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelClient, AsyncKernelManager, provisioning
from jupyter_client.connect import write_connection_file


def die_with_parent() -> None:
    """Have Linux end this process when the one that made it ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


class Client(AsyncKernelClient):
    async def wait_for_ready(self, timeout=None):
        """Ask until the kernel's output channel is heard; the library's own wait adds a fifth of a second of silence."""
        heard = False
        while not heard:
            await self.kernel_info(reply=True, timeout=timeout)
            with contextlib.suppress(Empty):
                while True:
                    heard = bool(await self.iopub_channel.get_msg(timeout=0.02))


@contextlib.contextmanager
def forked_kernel(folder: Path):
    """Give the manager of a kernel forked here, working in `folder`; kernel and sockets go when the context ends."""
    with TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as sockets:
        connection, _ = write_connection_file(
            f"{sockets}/kernel.json", transport="ipc", ip=f"{sockets}/s"
        )
        if not (pid := os.fork()):
            die_with_parent()
            os.chdir(folder)
            options = [
                f"--IPKernelApp.parent_handle={os.getppid()}",
                "--HistoryManager.enabled=False",
            ]
            IPKernelApp.launch_instance(argv=["-f", connection, *options])
            os._exit(0)
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", client_factory=Client)
        manager.load_connection_file(connection)
        made = provisioning.LocalProvisioner(
            kernel_id="forked", kernel_spec=manager.kernel_spec, parent=manager
        )
        made.pid, made.connection_info = pid, manager.get_connection_info()
        made.process = SimpleNamespace(pid=pid, poll=lambda: os.waitpid(pid, os.WNOHANG)[0] or None)
        manager.provisioner = made
        try:
            yield manager
        finally:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
