"""What tests in a real browser share: where it is, and what axe finds on a page that it shows."""

import shutil

import pytest

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")

# Marks the first text of each look: of two texts whose elements, and all that these stand in, have
# the same names, classes, colours and type, contrast is the same. What is placed freely may lie on
# something else, so each such text is marked.
MARK_EACH_LOOK = """() => {
    document.querySelectorAll('.first-of-look').forEach(e => e.classList.remove('first-of-look'));
    const known = new Set();
    const says = element => element.matches('input, select, textarea, button')
        || [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const mark = (element, around, placed) => {
        const style = getComputedStyle(element);
        const look = [around, element.localName, element.getAttribute('class'), style.color,
            style.fill, style.backgroundColor, style.backgroundImage, style.opacity,
            style.fontSize, style.fontWeight, style.textShadow, style.filter].join('|');
        const free = placed || ['absolute', 'fixed', 'sticky'].includes(style.position);
        if (says(element) && (free || !known.has(look))) element.classList.add('first-of-look');
        if (says(element) && !free) known.add(look);
        for (const child of element.children) mark(child, look, free);
    };
    mark(document.body, '', false);
}"""
RUN_AXE = "([context, options]) => axe.run(context, options).then(found => found.violations)"
LEAN = {"resultTypes": ["violations"], "preload": False}  # no list of what is right, no fetching


def barriers(tab, leave_out="nothing-is", *, contrast_alone=False) -> list:
    """What axe calls serious or critical, outside elements of a class: rule, element, summary.

    Contrast, which takes most of its time, is tried once for each look of a text.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    if tab.evaluate("() => typeof axe") == "undefined":
        tab.evaluate(AXE_SCRIPT)
    tab.evaluate(MARK_EACH_LOOK)
    rest = {"exclude": [[f".{leave_out}"]]}
    texts = rest | {"include": [[".first-of-look"]]}
    found = tab.evaluate(RUN_AXE, [texts, LEAN | {"runOnly": ["color-contrast"]}])
    if not contrast_alone:
        others = LEAN | {"rules": {"color-contrast": {"enabled": False}}}
        found += tab.evaluate(RUN_AXE, [rest, others])
    first = [
        (violation["id"], violation["nodes"][0])
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]
    return [(rule, node["html"][:200], node["failureSummary"][:300]) for rule, node in first]
