"""The words of French, to tell a typing error (``tulpies``) from another word (``lilas``).

Read from ``boundaries/french-words.txt.gz``, made by ``scripts/gazetteer``: words of the language, inflected forms
included, and the commonest surnames and given names in France. Sources and licences are in ``boundaries/README.md``.
"""

from __future__ import annotations

import gzip
from functools import cache

from qpv_geo.resources import data_folder

_FILE = "french-words.txt.gz"


def is_word(word: str) -> bool:
    """Tell whether a folded word is a French word, or a common surname or given name.

    Parameters
    ----------
    word
        As `qpv_geo.text_normalisation.fold` writes it: lower case, no accents. Only words of 4 to 20 letters are known.
    """
    words, sought = _words(), word.encode()
    low, high = 0, len(words)
    while low < high:
        start = words.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = words.index(b"\n", start)
        found = words[start:end]
        if found == sought:
            return True
        if found < sought:
            low = end + 1
        else:
            high = start
    return False


@cache
def _words() -> bytes:
    """Return the sorted words, each ended by a line feed: 3.6 MB in memory; a set would take ten times that."""
    return gzip.decompress((data_folder() / _FILE).read_bytes())
