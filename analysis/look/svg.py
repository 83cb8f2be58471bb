"""A matplotlib figure as a small SVG that follows the page around it.

Colours become roles (CSS variables such as `var(--demand, #0072b2)`), text stays text in the
font of the page, and no background is drawn. The same figure gives the same bytes. What is drawn is
the business of `chart`.
"""

import io
import re
from hashlib import sha256
from xml.etree import ElementTree

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from .theme import COLOUR

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
DECIMAL = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
HEX_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
ID_REFERENCE = re.compile(r"#([\w-]+)")
TEXT_STYLES = ("font-size", "font-weight", "font-style", "text-anchor", "fill", "opacity")
ROLE_OF_COLOUR = {colour: role for role, colour in COLOUR.items()}


def svg_of(figure: Figure, css_class: str, alt: str) -> str:
    """Draw a figure as an `<svg>` element for a page.

    Parameters
    ----------
    figure
        A figure of 72 pixels an inch that is laid out already (`chart.lay_out`); its colours must
        be roles of `theme.COLOUR`.
    css_class
        The class of the element, by which the style sheet shows or hides it.
    alt
        What the figure shows, for those who cannot see it.

    Returns
    -------
    str
        The element. It has no size of its own: it takes the width of what it stands in.

    Raises
    ------
    ValueError
        If a colour is no role, or something was drawn as pixels.
    """
    root = ElementTree.fromstring(_draw(figure))
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    _remove_ballast(root)
    for element in root.iter():
        _simplify_attributes(element)
    _anchor_lines_of_text(root)
    _unwrap_groups(root)
    _put_text_on_top(root)
    _share_styles(root)
    _name_ids(root)
    view = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update(
        {"class": css_class, "viewBox": view, "role": "img", "aria-label": alt}
        | {"style": "stroke-linejoin:round;stroke-linecap:butt"}
    )
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _draw(figure: Figure) -> str:
    """Have matplotlib write the figure, without date and background."""
    _note_edges_of_paragraphs(figure)
    for background in (figure.patch, *(axes.patch for axes in figure.axes)):
        background.set_visible(False)
    file = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "look", "path.simplify": True}):
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _note_edges_of_paragraphs(figure: Figure) -> None:
    """Name each text of several lines by the edge that its lines share.

    Matplotlib places such lines one by one, as wide as its own font would make them. In the page's
    font they are narrower, and only lines set left would still be aligned.
    """
    for text in figure.findobj(Text):
        several_lines = text.get_visible() and "\n" in text.get_text()
        if several_lines and not text.get_rotation() and text.get_ha() != "left":
            box = text.get_window_extent()
            if text.get_ha() == "right":
                text.set_gid(f"end at {box.x1:.2f}")
            else:
                text.set_gid(f"middle at {(box.x0 + box.x1) / 2:.2f}")


def _anchor_lines_of_text(root) -> None:
    """Anchor the lines of a text at the edge noted by `_note_edges_of_paragraphs`."""
    for group in root.iter("g"):
        noted = re.fullmatch(r"(end|middle) at ([\d.-]+)", group.get("id", ""))
        for line in group.iter("text") if noted else ():
            line.attrib.pop("transform", None)
            line.set("x", noted[2])
            line.set("style", f"{line.get('style', '')};text-anchor:{noted[1]}".lstrip(";"))


def _remove_ballast(root) -> None:
    """Take out metadata, the style sheet (it would hold for the whole page), and white space."""
    for parent in root.iter():
        for child in list(parent):
            child.tail = None
            if child.tag in ("metadata", "style", "title"):
                parent.remove(child)
            elif child.tag == "image":
                raise ValueError("a chart holds pixels: draw lines, areas and points instead")
        if parent.tag not in ("text", "tspan"):
            parent.text = None


def _simplify_attributes(element) -> None:
    """Round coordinates, write colours as roles, and leave the font to the page."""
    if LINK in element.attrib:
        element.set("href", element.attrib.pop(LINK))
    for name, value in element.attrib.items():
        if name not in ("id", "href", "clip-path", "class"):
            element.set(name, DECIMAL.sub(_rounded, value))
    if "d" in element.attrib:
        element.set("d", re.sub(r"\s*([A-Za-z])\s*", r"\1", element.get("d")).strip())
    if "style" in element.attrib:
        element.set("style", _simple_style(element.get("style"), element.tag))
    if element.tag == "text":
        _simplify_place(element)


def _rounded(found: re.Match) -> str:
    """Write a decimal number with two decimals at most, and no zeros at its end."""
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _simple_style(style: str, tag: str) -> str:
    """Write declarations without spaces, and colours as roles."""
    pairs = [part.split(":", 1) for part in style.split(";") if ":" in part]
    declarations = {name.strip(): value.strip() for name, value in pairs}
    if tag in ("text", "tspan"):
        declarations = _text_style(declarations)
    return ";".join(
        f"{name}:{HEX_COLOUR.sub(_role, value)}" for name, value in declarations.items()
    )


def _text_style(declarations: dict[str, str]) -> dict[str, str]:
    """Keep of a text what the page cannot know: size, weight, anchor and colour."""
    font = declarations.get("font", "")
    size = re.search(r"([\d.]+)px", font)
    if size:
        declarations["font-size"] = f"{size[1]}px"
    weight = re.search(r"\b(bold|[1-9]00)\b", font)
    if weight:
        declarations["font-weight"] = weight[1]
    return {name: declarations[name] for name in TEXT_STYLES if name in declarations}


def _role(found: re.Match) -> str:
    """Name the CSS variable of a colour, with the colour for where there is none."""
    colour = found[0]
    if colour not in ROLE_OF_COLOUR:
        raise ValueError(
            f"colour {colour} is none of look.COLOUR ({', '.join(COLOUR)}): pages could not "
            "follow it in dark mode; pass color=COLOUR[...] to what draws it"
        )
    return f"var(--{ROLE_OF_COLOUR[colour]},{colour})"


def _simplify_place(text) -> None:
    """Place a text by x and y, with a rotation only where there is one."""
    transform = text.get("transform", "")
    rotation = re.search(r"rotate\((-?[\d.]+)", transform)
    shift = re.search(r"translate\((-?[\d.]+)[ ,](-?[\d.]+)\)", transform)
    if rotation is None or float(rotation[1]) == 0:
        text.attrib.pop("transform", None)
        if shift:
            text.set("x", shift[1])
            text.set("y", shift[2])


def _unwrap_groups(element) -> None:
    """Drop names that nothing refers to, and groups that hold nothing but what is in them."""
    children = []
    for child in list(element):
        _unwrap_groups(child)
        if child.tag == "g":
            child.attrib.pop("id", None)
        if child.tag == "g" and not child.attrib:
            children.extend(child)
        elif child.tag not in ("g", "defs") or len(child):
            children.append(child)
    element[:] = children


def _put_text_on_top(root) -> None:
    """Draw text after everything else, that of one style as one group: lines pass below it."""
    by_style = {}
    for parent in list(root.iter()):
        for text in parent.findall("text"):
            parent.remove(text)
            by_style.setdefault(text.attrib.pop("style", ""), []).append(text)
    for style, texts in by_style.items():
        ElementTree.SubElement(root, "g", {"style": style}).extend(texts)


def _share_styles(root) -> None:
    """Give a style that all children of a group have to the group."""
    for group in root.iter("g"):
        styles = {child.get("style") for child in group if child.tag != "defs"}
        if len(styles) == 1 and None not in styles and "style" not in group.attrib:
            group.set("style", styles.pop())
            for child in group:
                child.attrib.pop("style", None)


def _name_ids(root) -> None:
    """Rename what is referred to, so that no two charts of a page share a name."""
    drawn = ElementTree.tostring(root, encoding="unicode")
    chart = sha256(drawn.encode()).hexdigest()[:6]
    used = {}
    for element in root.iter():
        for name in ("href", "clip-path"):
            for referred in ID_REFERENCE.findall(element.get(name, "")):
                used.setdefault(referred, f"c{chart}-{len(used)}")
    for element in root.iter():
        identity = element.attrib.pop("id", None)
        if identity in used:
            element.set("id", used[identity])
        for name in ("href", "clip-path"):
            if name in element.attrib:
                renamed = ID_REFERENCE.sub(lambda m: f"#{used[m[1]]}", element.get(name))
                element.set(name, renamed)
