"""What JupyterLab writes when it saves a notebook of this project: what was typed, nothing shown.

`make lab` names `keep_what_was_typed` as the server's hook before a save. Lab saves by itself every
two minutes; without the hook each look at a notebook would change a file that is under version
control. A notebook of your own beside them is saved as it is.
"""

import re

from . import NOTEBOOKS, ROOT

OURS = re.compile(r"(\d_[a-z0-9_]+|start)\.ipynb")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
OF_A_RUN = (  # what a run, or a look, leaves beside a cell
    "ExecuteTime",
    "collapsed",
    "execution",
    "jp-MarkdownHeadingCollapsed",
    "jupyter",  # which inputs and outputs were hidden
    "scrolled",
    "trusted",
)
HIDDEN = {"setup", "checks"}  # cells, by their tags, whose code is folded away when Lab opens them


def keep_what_was_typed(model: dict, path: str, **_) -> None:
    """Take out of a notebook of ours that is about to be saved what running it left.

    Parameters
    ----------
    model
        What the server is about to write, as its contents API has it; it is changed in place.
    path
        Where it is to be written, from the folder that the server serves, the project's.
    """
    file = ROOT / path.strip("/")
    is_ours = file.parent == NOTEBOOKS and OURS.fullmatch(file.name)
    if model.get("type") != "notebook" or not is_ours:
        return
    notebook = model["content"]
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        for name in OF_A_RUN:
            cell["metadata"].pop(name, None)
        if HIDDEN & set(cell["metadata"].get("tags", [])):
            cell["metadata"]["jupyter"] = {"source_hidden": True}
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
