"""Griffe extension for mkdocs: an entry for each name of a docstring, field of a dataclass and value of an enum.

Griffe gives all names of ``lon, lat`` the type of the first, and leaves out fields that a docstring does not explain.
"""  # noqa: INP001

from __future__ import annotations

import re

import griffe

_ENTRY = re.compile(r"^([a-z_]\w*(?:, [a-z_]\w*)*)\n((?: {4}.*\n|\n(?= {4}))+)", re.MULTILINE)
_ATTRIBUTES = re.compile(r"^Attributes\n-{10}\n(?P<entries>(?:(?:[a-z_]\w*(?:, \w+)*| {4}.*)?\n)+)", re.MULTILINE)
_EMPTY = "    \n"


class OneEntryEach(griffe.Extension):
    """Rewrites docstrings before they are parsed."""

    def on_function_instance(self, *, func: griffe.Function, **_: object) -> None:
        """Give every parameter an entry of its own."""
        if func.docstring is not None:
            func.docstring.value = one_entry_each(func.docstring.value)

    def on_class_members(self, *, cls: griffe.Class, **_: object) -> None:
        """Give every parameter, field and value an entry of its own."""
        if cls.docstring is None:
            return
        text = one_entry_each(cls.docstring.value)
        values = {name: one for name, one in cls.attributes.items() if not one.has_labels("property")}
        if any("dataclass" in str(one.value) for one in cls.decorators):
            text = with_attributes(text, {name: _EMPTY for name, one in values.items() if one.annotation})
        elif any(str(base).endswith("Enum") for base in cls.bases):
            text = with_attributes(text, {name: f"    ``{one.value}``\n" for name, one in values.items()})
        cls.docstring.value = text


def one_entry_each(text: str) -> str:
    """Return a docstring in which each name of a section stands alone above its description."""
    return _ENTRY.sub(lambda entry: "".join(f"{name}\n{entry[2]}" for name in entry[1].split(", ")), f"{text}\n")


def with_attributes(text: str, bodies: dict[str, str]) -> str:
    """Return the docstring of a class with these attributes, in this order; its own descriptions are kept."""
    found = _ATTRIBUTES.search(text)
    described = bodies if found is None else bodies | dict(_ENTRY.findall(found["entries"]))
    section = "Attributes\n----------\n" + "".join(f"{name}\n{body}" for name, body in described.items()) + "\n"
    return f"{text}\n{section}" if found is None else text[: found.start()] + section + text[found.end() :]
