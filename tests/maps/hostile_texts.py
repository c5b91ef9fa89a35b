"""Texts that would run as markup where they are not kept as text."""

from __future__ import annotations

HOSTILE = "<img src=x onerror=alert(1)>"
CLOSING = "</script><script>alert(2)</script>{{ 7*7 }}"
