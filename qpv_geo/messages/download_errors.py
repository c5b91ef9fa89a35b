"""What an error of a download says; see `qpv_geo.messages.errors`."""

from __future__ import annotations


def refused(url: str, status: int, detail: str, target: str) -> str:
    said = f" ({detail})" if detail else ""
    where = f" et renvoie vers {target}" if target else ""
    return f"téléchargement refusé : {url} répond {status}{said}{where} ; réessayez plus tard ou importez le fichier"


def busy(url: str, seconds: float | None) -> str:
    when = "relancez plus tard" if seconds is None else f"relancez dans {seconds:.0f} s"
    return f"téléchargement refusé, trop de demandes : {url} répond 429 ; {when}"


def slow(url: str, seconds: float) -> str:
    return f"téléchargement trop lent : {url} n’envoie presque plus rien depuis {seconds:g} s ; relancez plus tard"


def stalled(url: str, seconds: float) -> str:
    return f"téléchargement arrêté : plus rien de {url} depuis {seconds:g} s ; relancez"


def cut(url: str) -> str:
    return f"téléchargement incomplet : {url} a coupé la connexion ; relancez"


def unreachable(url: str, cause: str) -> str:
    return f"téléchargement impossible : {url} ({cause}) ; vérifiez le réseau et relancez"


def too_large(url: str, limit: int) -> str:
    return f"téléchargement abandonné : {url} envoie plus de {limit // 1_000_000} Mo ; importez le fichier"


def unpacks_to_too_much(url: str, limit: int) -> str:
    size = f"{limit // 1_000_000} Mo"
    return f"téléchargement abandonné : l’archive de {url} dépasse {size} une fois décompressée ; importez le fichier"
