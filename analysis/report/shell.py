"""Run the cells of a notebook in this process, for papermill: its engine `SHELL`.

The shell is that of a Jupyter kernel, and what it says is entered in the notebook as what a kernel
says is; left out are the kernel's own process and the sockets to it, which take half a second of
each report. It is for a process that makes one report and ends: cells may leave behind whatever
they like.
"""

import io
import sys

import matplotlib as mpl
from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

SHELL = "shell-of-this-process"
BELOW_CELLS = "module://matplotlib_inline.backend_inline"  # where any kernel puts figures


class _ShellEngine(Engine):
    """What papermill asks to run a notebook."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **_):
        """Run all cells, up to the first that fails."""
        _ShellClient(nb_man).execute()


papermill_engines.register(SHELL, _ShellEngine)


class _ShellClient(PapermillNotebookClient):
    """Runs cells in a shell of this process, where papermill's own client asks a kernel to."""

    def execute(self) -> NotebookNode:
        """Run all cells, up to the first that fails."""
        self.reset_execution_trackers()
        self.shell = _new_shell(self)
        outside = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream("stdout", self), _Stream("stderr", self)
        try:
            self.papermill_execute_cells()
        finally:
            sys.stdout, sys.stderr = outside
        self.nb.metadata["language_info"] = IPythonKernel.language_info
        return self.nb

    def execute_cell(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        """Run one cell; what it prints, shows and raises becomes its outputs.

        Raises
        ------
        CellExecutionError
            If the cell raised something, so that none after it is run.
        """
        if cell.cell_type == "code" and cell.source.strip():
            self.cell, self.cell_index = cell, cell_index
            cell.outputs = []
            cell.execution_count = self.shell.execution_count
            self.clear_before_next_output = False
            self.shell.run_cell(cell.source, store_history=True)
            sys.stdout.flush()
            sys.stderr.flush()
            for output in cell.outputs:
                if output.output_type == "error":
                    raise CellExecutionError.from_cell_and_msg(cell, output)
        return cell

    def take(self, message: dict) -> None:
        """Enter in the cell that runs what a kernel would say of it."""
        self.process_message(message, self.cell, self.cell_index)


class _Messages(Session):
    """Hands the messages of a shell to the client that stands in the place of a socket."""

    def send(self, stream: _ShellClient, msg_or_type: dict | str, content=None, *_, **__) -> None:
        """Hand over a message that is whole, or one of a type with this content."""
        is_message = isinstance(msg_or_type, dict)
        stream.take(msg_or_type if is_message else self.msg(msg_or_type, content))


class _Stream(io.StringIO):
    """Standard output or standard error of cells; what they write is an output when flushed."""

    def __init__(self, name: str, client: _ShellClient):
        super().__init__()
        self.name, self.client, self.messages = name, client, _Messages()

    def flush(self) -> None:
        """Hand over what was written since the last time."""
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        if text:
            self.messages.send(self.client, "stream", {"name": self.name, "text": text})


class _Shell(ZMQInteractiveShell):
    """A kernel's shell without a kernel."""

    def enable_gui(self, gui=None) -> None:
        """Nobody looks at a report while it is made: no window is waited for."""

    def ask_exit(self) -> None:
        """End the cell that says `exit`, with an error: a report is made of whole notebooks."""
        raise SystemExit("a cell asked to exit")


def _new_shell(client: _ShellClient) -> _Shell:
    """Make a shell that has no history and hands what it says to a client."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = _Shell.instance(config=config, compiler_class=XCachingCompiler)
    for speaks in (shell.displayhook, shell.display_pub):
        speaks.session, speaks.pub_socket, speaks.topic = _Messages(), client, b""
    mpl.use(BELOW_CELLS)
    sys.path.insert(0, "")  # cells find modules beside their notebook
    return shell
