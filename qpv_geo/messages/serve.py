"""What ``qpv serve`` says, in French."""

from __future__ import annotations

import errno

from qpv_geo.messages.typography import quoted

SERVE = """Lancer le service HTTP et la page du guichet.

\b
Exemple :
  qpv serve --port 8000"""
HOST = "Adresse d’écoute, 127.0.0.1 par défaut. « :: » répond en IPv6 et en IPv4."
PORT = "Port d’écoute, 8000 par défaut."
WORKERS = "Nombre de processus, 1 par défaut."
ROOT_PATH = "Chemin sous lequel un serveur mandataire publie le service, par exemple /qpv."


def both_stacks(port: int) -> str:
    return f"Écoute sur toutes les adresses, port {port} : IPv6 et IPv4."


def unknown_host(host: str) -> str:
    return f"Adresse d’écoute {quoted(host)} inconnue. Donnez une adresse de cette machine : --host 127.0.0.1."


def cannot_listen(host: str, port: int, why: int | None) -> str:
    if why == errno.EADDRINUSE:
        return f"Le port {quoted(port)} est déjà pris sur {quoted(host)}. Choisissez-en un autre avec --port."
    if why in {errno.EACCES, errno.EPERM}:
        return f"Le port {quoted(port)} est réservé à l’administrateur. Choisissez-en un autre : --port 8000."
    return f"{quoted(host)} n’est pas une adresse de cette machine. Donnez-en une : --host 127.0.0.1."
