"""The extra sheets of a workbook of answers, in French."""

from __future__ import annotations

SHEET_SUMMARY, SHEET_REASONS, SHEET_QUARTIERS = "Synthèse", "Motifs", "Par quartier"
SHEET_UNANSWERED, SHEET_LEGEND = "À vérifier", "Légende"
SUMMARY_COLUMNS = ("réponse", "lignes", "part")
REASONS_COLUMNS = ("réponse", "motif", "lignes", "part")
QUARTIERS_COLUMNS = ("qpv_code", "quartier", "lignes en QPV", "lignes à vérifier")
UNANSWERED_COLUMNS = ("ligne", "demandé", "réponse", "motif", "explication", "que faire")
GEOMETRY_ASKED = "la géométrie de la ligne"
LEGEND_COLUMNS = ("colonne", "ce qu’elle dit")
LEGEND = (
    ("qpv_reponse, qpv_message", "la réponse en un mot, puis en une phrase"),
    (
        "qpv_status",
        "inside (en QPV), outside (hors QPV), uncertain (à vérifier), not_located (non localisée), error (à corriger)",
    ),
    ("qpv_reason", "motif de la réponse : clear, near_boundary, weak_match, no_match, bad_input…"),
    ("qpv_code, qpv_nom", "le quartier qui contient le lieu, ou dont la limite passe trop près"),
    ("qpv_part", "part du lieu qui se trouve dans un quartier, de 0 à 1, marge d’erreur comprise"),
    ("qpv_distance_m", "distance à la limite la plus proche, en mètres, négative à l’intérieur"),
    ("qpv_generation", "la génération de périmètres utilisée"),
    ("result_…", "l’adresse la plus ressemblante, dans les termes du service national de géocodage"),
    (
        "result_match",
        "accord avec l’adresse : same (identique), spelling (écrite autrement), unsaid (non précisée), different",
    ),
    ("qpv_mention", "ce que la ville dit de ce lieu, avec la source ; ce n’est pas la réponse"),
    ("dispositif_…", "si le dispositif s’applique : lieu conforme, éligible, non éligible ou à vérifier"),
    ("", "Résultat indicatif, ne vaut pas attestation réglementaire."),
)
