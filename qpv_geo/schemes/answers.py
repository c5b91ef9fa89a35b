"""Read the answers given to the questions of schemes: ``ID=oui`` on the command line, ``ID:oui`` over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qpv_geo import messages as msg
from qpv_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_WORDS = {"oui": True, "non": False}


def read_answers(texts: Iterable[str], *, between: str) -> dict[str, bool]:
    """Return the answers by question.

    Parameters
    ----------
    texts
        One answer each, as typed.
    between
        Sign between the question and its answer, ``=`` or ``:``.

    Raises
    ------
    InputError
        An answer is neither ``oui`` nor ``non``, or a question is answered both ways.
    """
    found: dict[str, bool] = {}
    for text in texts:
        question, _, word = (part.strip() for part in text.partition(between))
        answer = _WORDS.get(word.lower())
        if not question or answer is None:
            raise InputError(msg.schemes.bad_answer(text, between))
        if found.setdefault(question, answer) is not answer:
            raise InputError(msg.schemes.answered_twice(question))
    return found


def refuse_without_scheme(schemes: Collection[str], *, amount: float | None, answers: Collection[str]) -> None:
    """Raise `InputError` for an amount or answers that no scheme is asked with: nothing would read them."""
    if schemes:
        return
    if answers:
        raise InputError(msg.schemes.answers_without_scheme())
    if amount is not None:
        raise InputError(msg.schemes.amount_without_scheme())
