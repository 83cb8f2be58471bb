"""What processes that make reports have around them, whoever starts them."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from . import ROOT

PR_SET_PDEATHSIG = 1  # prctl(2): the signal that a process gets when its parent ends


def die_with_parent() -> None:
    """Have Linux end this process when the one that made it ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


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
