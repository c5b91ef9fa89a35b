"""What ``qpv serve`` says, in French."""

from __future__ import annotations

SERVE = "Sert les réponses par HTTP, et la page du guichet."
HOST = "Adresse d'écoute ; 127.0.0.1 par défaut."
PORT = "Port d'écoute ; 8000 par défaut."
WORKERS = "Nombre de processus ; 1 par défaut."
