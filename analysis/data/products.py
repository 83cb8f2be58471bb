"""What a launch sells, in a word, and which other products it is compared with.

Every page takes its noun from here: a launch file says `product: console`, and where it does not,
the class of its device in devices.csv is the noun, or else "phone".
"""

from dataclasses import dataclass

from .tables import load_table

PHONE = "phone"
MOBILE = ("phone", "tablet", "wearable")  # classes that launch alike: carried about, new each year
SIBILANTS = ("s", "x", "z", "ch", "sh")  # after these a plural ends in -es
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


def noun_of_device(device: str) -> str:
    """Return the noun for a device of devices.csv; "phone" where its class says no more."""
    classes = load_table("devices").set_index("device")["device_class"]
    device_class = classes.get(device, PHONE)
    return PHONE if device_class == "other" else str(device_class)


def is_on_file(device: str) -> bool:
    """Say whether devices.csv has a device."""
    return bool((load_table("devices")["device"] == device).any())


def _plural_of(noun: str) -> str:
    """Return the plural of an English noun, by the rules of spelling."""
    if noun in SAME_IN_PLURAL:
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(SIBILANTS) else f"{noun}s"
