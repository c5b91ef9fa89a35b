"""What an error of a request to the geocoding service says; see `qpv_geo.messages.errors`."""

from __future__ import annotations


def refused(url: str, status: int, detail: str, target: str) -> str:
    if target:
        where = f"{url} répond {status} et renvoie vers {target}"
        return f"le géocodeur a changé d’adresse : {where} ; corrigez le réglage QPV_GEO_GEOCODER_URL"
    said = f" ({detail})" if detail else ""
    otherwise = "relancez plus tard" if status >= 500 else "vérifiez l’adresse cherchée"  # noqa: PLR2004 - HTTP's
    advice = {
        401: "vérifiez vos droits d’accès",
        403: "vérifiez vos droits d’accès",
        404: "vérifiez le réglage QPV_GEO_GEOCODER_URL",
    }.get(status, otherwise)
    return f"le géocodeur n’a pas répondu à la question : {url} répond {status}{said} ; {advice}"


def busy(url: str, seconds: float | None) -> str:
    when = "relancez plus tard" if seconds is None else f"relancez dans {seconds:.0f} s"
    return f"le géocodeur reçoit trop de demandes : {url} répond 429 ; {when}"


def slow(url: str, seconds: float) -> str:
    return f"le géocodeur est trop lent : {url} n’a pas fini de répondre en {seconds:g} s ; relancez plus tard"


def stalled(url: str, seconds: float) -> str:
    return f"le géocodeur ne répond plus : plus rien de {url} depuis {seconds:g} s ; relancez plus tard"


def cut(url: str) -> str:
    return f"réponse incomplète du géocodeur : {url} a coupé la connexion ; relancez"


def unreachable(url: str, cause: str) -> str:
    return f"géocodeur injoignable : {url} ({cause}) ; vérifiez le réseau et le réglage QPV_GEO_GEOCODER_URL"


def too_large(url: str, limit: int) -> str:
    return f"réponse démesurée du géocodeur : {url} dépasse {limit // 1_000_000} Mo ; relancez plus tard"
