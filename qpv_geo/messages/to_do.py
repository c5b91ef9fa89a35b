"""What to do about an answer that is not firm, and who does it, by its reason, in French."""

from __future__ import annotations

TO_DO = {
    "near_boundary": "Situez l’entrée sur un plan, ou demandez le plan de la parcelle.",
    "imprecise_location": "Précisez l’adresse, ou donnez les coordonnées.",
    "weak_match": "Corrigez ou précisez l’adresse.",
    "site_straddles": "Décidez d’après la part du site en QPV.",
    "street_straddles": "Ajoutez le numéro.",
    "not_covered": "Demandez à l’administrateur d’installer les périmètres de toute la France.",
    "no_match": "Vérifiez l’adresse et la commune, ou donnez les coordonnées.",
    "missing_addresses": "Demandez à l’administrateur d’installer les adresses de ce département.",
    "named_area": "Indiquez la rue et le numéro.",
    "empty": "Complétez la ligne.",
    "bad_input": "Corrigez la ligne.",
    "missing_perimeters": "Demandez à l’administrateur d’installer les périmètres de cette date.",
    "no_generation": "Vérifiez la date : il n’y avait pas de quartier prioritaire (QPV) ce jour-là.",
}

_SERVICE, _APPLICANT = "le service instructeur", "le demandeur"
BY_WHOM = {
    "near_boundary": _SERVICE,
    "imprecise_location": _SERVICE,
    "weak_match": _APPLICANT,
    "site_straddles": _SERVICE,
    "street_straddles": _APPLICANT,
    "no_match": _APPLICANT,
    "named_area": _APPLICANT,
}
"""Where `TO_DO` does not say it."""
