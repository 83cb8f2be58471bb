"""What a launch sells, in a word, and which other products it is compared with.

Every page takes its noun from here: a launch file says `product: console`, and where it does not,
the class of its device in devices.csv is the noun, or else "phone".
"""

from dataclasses import dataclass

from .tables import load_table

PHONE = "phone"
MOBILE = ("phone", "tablet", "wearable")  # classes that launch alike: carried about, new each year
SIBILANTS = ("s", "x", "z", "ch", "sh")  # after these a plural ends in -es
NO_PLURALS = ("as", "is", "ss", "us", "lens")  # ends in s of nouns that are one of something
IRREGULAR = {"knife": "knives", "mouse": "mice", "scarf": "scarves", "shelf": "shelves"}
SAME_IN_PLURAL = ("trainers", "shoes", "glasses", "headphones", "series")


@dataclass(frozen=True)
class Product:
    """One word for what is sold, and the class that it belongs to.

    Attributes
    ----------
    noun, plural : str
        One of it and several: "console", "consoles".
    compared_classes : tuple of str
        Classes of devices.csv whose launches say most about this one.

    Examples
    --------
    >>> product_of("pair of sneakers").plural, product_of("gaming mouse").plural
    ('pairs of sneakers', 'gaming mice')
    >>> product_of("console").plural, product_of("watch").plural, product_of("battery").plural
    ('consoles', 'watches', 'batteries')
    """

    noun: str
    plural: str
    compared_classes: tuple[str, ...]


def product_of(noun: str) -> Product:
    """Return the product that a noun names; a noun that is no class is a class of its own."""
    classes = MOBILE if noun in MOBILE else (noun.replace(" ", "_"),)
    return Product(noun=noun, plural=_plural_of(noun), compared_classes=classes)


def singular_of(noun: str) -> str:
    """Return the singular of a noun that looks like a plural; "" of one that does not.

    Examples
    --------
    >>> [singular_of(noun) for noun in ("e-bikes", "watches", "pair of sneakers", "lens")]
    ['e-bike', 'watch', '', '']
    >>> singular_of("gaming mice"), singular_of("bread knives")
    ('gaming mouse', 'bread knife')
    """
    if " of " in noun:
        return ""
    _, _, last = noun.rpartition(" ")
    for one, several in IRREGULAR.items():
        if last == several:
            return f"{noun.removesuffix(several)}{one}"
    looks_plural = last.endswith("s") and not last.endswith(NO_PLURALS)
    if not looks_plural or last in SAME_IN_PLURAL:
        return ""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    is_longer = noun.endswith(tuple(f"{sibilant}es" for sibilant in SIBILANTS if sibilant != "s"))
    return noun[:-2] if is_longer else noun[:-1]


def noun_of_device(device: str) -> str:
    """Return the noun for a device of devices.csv; "phone" where its class says no more."""
    classes = load_table("devices").set_index("device")["device_class"]
    device_class = classes.get(device, PHONE)
    return PHONE if device_class == "other" else str(device_class)


def is_on_file(device: str) -> bool:
    """Say whether devices.csv has a device."""
    return bool((load_table("devices")["device"] == device).any())


def _plural_of(noun: str) -> str:
    """Return the plural of an English noun, by the rules of spelling.

    Of "gaming mouse" the last word has it, of "pair of sneakers" the first.
    """
    if " of " in noun:
        one, _, of_what = noun.partition(" of ")
        return f"{_plural_of(one)} of {of_what}"
    others, _, last = noun.rpartition(" ")
    if last in SAME_IN_PLURAL:
        return noun
    if last in IRREGULAR:
        return f"{others} {IRREGULAR[last]}".strip()
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(SIBILANTS) else f"{noun}s"
