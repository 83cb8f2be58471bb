"""One look for every chart: a colour for each role, and matplotlib's settings."""

COLOUR = {
    "demand": "#0072b2",
    "supply": "#4d4d4d",
    "margin": "#007a55",
    "event": "#b4500a",
    "context": "#b8bec4",
    "text": "#1c2024",
    "soft": "#5c656e",
    "paper": "#ffffff",
}
"""The colour of each role; in a page each is a CSS variable of this name, as in `var(--demand)`."""

FONT_SIZE = 11.0
"""Points, for a chart 9.2 inches wide and for the narrow one alike: a phone shows it at 1.15."""


def theme() -> dict:
    """Give matplotlib's settings: a soft baseline, a light horizontal grid, one size of text."""
    sizes = ["font.size", "axes.titlesize", "axes.labelsize", "legend.fontsize"]
    sizes += ["xtick.labelsize", "ytick.labelsize"]
    return {
        **dict.fromkeys(sizes, FONT_SIZE),
        "font.family": "DejaVu Sans",
        "patch.edgecolor": "white",
        "patch.force_edgecolor": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.edgecolor": COLOUR["soft"],
        "axes.labelcolor": COLOUR["soft"],
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": COLOUR["context"],
        "grid.alpha": 0.45,
        "grid.linewidth": 0.8,
        "lines.linewidth": 2.2,
        "lines.solid_capstyle": "butt",
        "text.color": COLOUR["text"],
        "xtick.color": COLOUR["soft"],
        "ytick.color": COLOUR["soft"],
        "xtick.labelcolor": COLOUR["soft"],
        "ytick.labelcolor": COLOUR["soft"],
        "ytick.left": False,
        "legend.frameon": False,
        "date.converter": "concise",
    }


def use_house_style() -> None:
    """Set the look of every figure made after this call, as a notebook's setup cell does."""
    from matplotlib import rcParams  # noqa: PLC0415 (only drawing needs it)

    rcParams.update(theme())
