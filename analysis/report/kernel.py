"""A Jupyter kernel forked from this process, which has already imported the heavy libraries: same protocol, no start-up."""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelManager, provisioning
from jupyter_client.connect import write_connection_file


def die_with_parent() -> None:
    """Have Linux end this process when the one that made it ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


class ForkedKernel:
    """The part of Popen that Jupyter's local provisioner asks of a kernel's process."""

    stdin = stdout = stderr = returncode = None

    def __init__(self, pid: int):
        self.pid = pid

    def poll(self):
        if self.returncode is None and (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.returncode = os.waitstatus_to_exitcode(ended[1])
        return self.returncode

    def wait(self):
        while self.poll() is None:
            time.sleep(0.005)

    def send_signal(self, number: int):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    terminate = kill


@contextlib.contextmanager
def forked_kernel(folder: Path):
    """Give the manager of a kernel forked here, working in `folder`; kernel and sockets go when the context ends."""
    sockets = tempfile.mkdtemp(prefix="kernel-")
    connection, _ = write_connection_file(f"{sockets}/kernel.json", transport="ipc", ip=f"{sockets}/s")
    pid = os.fork()
    if pid == 0:
        die_with_parent()
        os.chdir(folder)
        options = [f"--IPKernelApp.parent_handle={os.getppid()}", "--HistoryManager.enabled=False"]
        IPKernelApp.launch_instance(argv=["-f", connection, *options])
        os._exit(0)
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc")
    manager.load_connection_file(connection)
    manager.provisioner = provisioning.LocalProvisioner(kernel_id="forked", kernel_spec=manager.kernel_spec, parent=manager)
    manager.provisioner.process = kernel = ForkedKernel(pid)
    manager.provisioner.pid, manager.provisioner.connection_info = pid, manager.get_connection_info()
    try:
        yield manager
    finally:
        kernel.kill()
        kernel.wait()
        shutil.rmtree(sockets, ignore_errors=True)
