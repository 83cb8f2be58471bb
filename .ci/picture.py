"""Draw the picture of the README: what was made of the Mi 9, what was wanted, and what is expected.

python .ci/picture.py    writes notebooks/pictures/mi_9_supply.svg
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from matplotlib import rc_context  # noqa: E402 (after the path)
from matplotlib.figure import Figure  # noqa: E402 (as above)

from analysis import supply  # noqa: E402 (as above)
from analysis.data import load_launch  # noqa: E402 (as above)
from analysis.look import speak_of, use_house_style  # noqa: E402 (as above)
from analysis.look.chart import PIXELS_PER_INCH, WIDE_IN, lay_out  # noqa: E402 (as above)

PICTURE = ROOT / "notebooks" / "pictures" / "mi_9_supply.svg"
SAME_BYTES = {"svg.hashsalt": "picture", "svg.fonttype": "path"}


def draw_picture(path: Path) -> None:
    """Draw the first chart of the report on the supply of the Mi 9, with its title above it."""
    use_house_style()
    launch = load_launch("mi_9")
    speak_of(**launch.page_words())
    chart = supply.study_launch(launch).timeline.chart()
    with rc_context(SAME_BYTES):
        figure = Figure((WIDE_IN, chart.height_in), dpi=PIXELS_PER_INCH, layout="constrained")
        axes = chart.draw(figure.subplots())
        axes.set_title(chart.title, loc="left")
        lay_out(figure)
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, facecolor="white", metadata={"Date": None})


if __name__ == "__main__":
    draw_picture(PICTURE)
