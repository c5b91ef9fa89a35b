"""Names of streets: what is the same, what is the same badly written, and what is another street."""

from __future__ import annotations

import pytest
from counting import DOOR
from hypothesis import given
from hypothesis import strategies as st

from qpv_geo.geocoding.match import compared, is_firm
from qpv_geo.geocoding.protocol import Query
from qpv_geo.text_normalisation import fold


def match(typed: str, held: str, *others: str, number: str = "15 bis"):
    """Compare an address with a street, where the index knows the words of others."""
    known = {word for name in (held, *others) for word in fold(name).split()}
    one = DOOR._replace(street=held, label=f"15 bis {held}")
    [found] = compared(Query(f"{number} {typed}, 99010 Essai-sur-Test"), [one], known.__contains__)
    return found.match


def agreement(typed: str, held: str, *others: str) -> str:
    found = match(typed, held, *others)
    assert is_firm(found) is (found.street != "different")
    return str(found.street)


# ── The same ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("rue des Essais", "Rue des Essais"),
        ("RUE DES ESSAIS", "Rue des Essais"),
        ("rue de l'epreuve", "Rue de l'Épreuve"),
        ("Rue de l’Épreuve", "Rue de l'Epreuve"),
        ("rue de l epreuve", "Rue de l'Épreuve"),
        ("rue saint-modele", "Rue Saint Modèle"),
        ("boulevard Jean-Gabarit", "Boulevard Jean Gabarit"),
        ("rue du 8 mai 1945", "Rue du 8 Mai 1945"),
        ("rue du cœur", "Rue du Coeur"),
        ("rue du Moulin à Vent", "Rue du Moulin A Vent"),
    ],
)
def test_capitals_accents_hyphens_and_apostrophes_are_no_difference(typed, held):
    assert agreement(typed, held) == "same"


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        # abbreviated, in either
        ("r des Essais", "Rue des Essais"),
        ("av. du Gal Leclerc", "Avenue du Général Leclerc"),
        ("avenue du Général Leclerc", "AV GAL LECLERC"),
        ("bd Jean Gabarit", "Boulevard Jean Gabarit"),
        ("bld Jean Gabarit", "Boulevard Jean Gabarit"),
        ("ch. du Moulin", "Chemin du Moulin"),
        ("imp. du Puits", "Impasse du Puits"),
        ("pl de la Mairie", "Place de la Mairie"),
        ("rue St Modèle", "Rue Saint-Modèle"),
        ("rue Ste Épreuve", "Rue Sainte-Épreuve"),
        ("rue du Dr Essai", "Rue du Docteur Essai"),
        ("rue du huit mai 1945", "Rue du 8 Mai 1945"),
        ("rue de la 2ème DB", "Rue de la 2e DB"),
        ("rue de la deuxième DB", "Rue de la 2e DB"),
        # an article left out, or that means nothing
        ("rue Tulipes", "Rue des Tulipes"),
        ("rue Epreuve", "Rue de l'Épreuve"),
        ("rue de Tulipes", "Rue des Tulipes"),
        ("rue moulin vent", "Rue du Moulin à Vent"),
        # typing errors that make no word
        ("rue des Tulpies", "Rue des Tulipes"),
        ("rue des Tulipse", "Rue des Tulipes"),
        ("rue des Tullipes", "Rue des Tulipes"),
        ("rue des Tlipes", "Rue des Tulipes"),
        ("rue des Yulipes", "Rue des Tulipes"),
        ("rue des ulipes", "Rue des Tulipes"),
        ("rue du Docteur Schweizer", "Rue du Docteur Schweitzer"),
        ("allée des Accacias", "Allée des Acacias"),
        ("rue du Docteur Schweitze", "Rue du Docteur Schweitzer"),
        ("rue Marcel Pagnoll", "Rue Marcel Pagnol"),
        ("reu des Tulipes", "Rue des Tulipes"),
        ("aveneu des Tulipes", "Avenue des Tulipes"),
        ("boulevrad des Tulipes", "Boulevard des Tulipes"),
        # glued, split
        ("ruedes Tulipes", "Rue des Tulipes"),
        ("rue desTulipes", "Rue des Tulipes"),
        ("rue des Tuli pes", "Rue des Tulipes"),
        ("rue GermaineTillion", "Rue Germaine Tillion"),
        ("rue Ger maine Tillion", "Rue Germaine Tillion"),
        ("rue Dartagnan", "Rue d'Artagnan"),
        # in another order
        ("rue Tillion Germaine", "Rue Germaine Tillion"),
    ],
)
def test_what_is_badly_written_or_shortened_is_the_same_street(typed, held):
    assert agreement(typed, held) == "spelling"


# ── Another street ───────────────────────────────────────────────────────────────────────────────────────────

PAIRS = [
    # a word of French is no misspelling of another
    ("Rue des Lilas", "Rue des Tulipes"),
    ("Rue de la Poste", "Rue de la Porte"),
    ("Rue du Pont", "Rue du Port"),
    ("Rue du Moulin", "Rue du Moulins"),
    ("Rue de la Paix", "Rue de la Poix"),
    ("Rue du Marché", "Rue du Maréchal"),
    ("Rue des Tilleuls", "Rue du Tilleul"),
    ("Rue de la Fontaine", "Rue de la Montagne"),
    ("Rue du Stade", "Rue de l'Étang"),
    # people
    ("Avenue du Général Leclerc", "Avenue du Général de Gaulle"),
    ("Rue du Maréchal Foch", "Rue du Maréchal Joffre"),
    ("Rue Jules Guesde", "Rue Jules Ferry"),
    ("Rue Henri Martin", "Rue Paul Martin"),
    ("Rue Henri Martin", "Rue Martin"),
    ("Rue Marin", "Rue Martin"),
    ("Rue Martin", "Rue du Docteur Martin"),
    ("Rue Foch", "Rue du Maréchal Foch"),
    ("Rue du Général Foch", "Rue du Maréchal Foch"),
    ("Avenue Leclerc", "Avenue du Général Leclerc"),
    ("Rue Lemire", "Rue de l'Abbé Lemire"),
    ("Rue Pierre Curie", "Rue Marie Curie"),
    ("Rue Pierre Curie", "Rue Pierre et Marie Curie"),
    ("Rue Paul Dupont", "Rue Paule Dupont"),
    ("Rue Simon Dupont", "Rue Simone Dupont"),
    ("Rue Marcel Dupont", "Rue Marcelle Dupont"),
    ("Rue André Dupont", "Rue Andrée Dupont"),
    ("Rue Michel Dupont", "Rue Michèle Dupont"),
    ("Rue Jean Dupont", "Rue Jeanne Dupont"),
    ("Rue Saint-Jean", "Rue Sainte-Jeanne"),
    ("Rue Saint-Paul", "Rue Saint-Pierre"),
    # kinds
    ("Rue des Lilas", "Impasse des Lilas"),
    ("Rue des Lilas", "Allée des Lilas"),
    ("Rue de la Gare", "Place de la Gare"),
    ("Boulevard de l'Épreuve", "Avenue de l'Épreuve"),
    ("Rue de l'Épreuve", "Ruelle de l'Épreuve"),
    ("Chemin du Moulin", "Route du Moulin"),
    ("Résidence du Parc", "Rue du Parc"),
    # articles and number
    ("Rue du Chêne", "Rue des Chênes"),
    ("Rue du Puits", "Rue des Puits"),
    ("Rue de la Vigne", "Rue des Vignes"),
    ("Rue du Bois", "Rue Dubois"),
    ("Rue du Val", "Rue Duval"),
    # more words
    ("Rue du Moulin", "Rue du Vieux Moulin"),
    ("Rue du Moulin", "Rue du Moulin Vert"),
    ("Rue de la Croix", "Rue de la Croix Rouge"),
    ("Rue des Lilas", "Petite Rue des Lilas"),
    ("Rue de Lille", "Rue du Faubourg de Lille"),
    ("Rue de la Mairie", "Rue de l'Ancienne Mairie"),
    # numbers
    ("Rue du 8 Mai 1945", "Rue du 11 Novembre 1918"),
    ("Rue du 8 Mai 1945", "Rue du 19 Mars 1962"),
    ("Rue du 8 Mai", "Rue du 1er Mai"),
    ("Rue du 2e Régiment", "Rue du 3e Régiment"),
    ("Rue 12", "Rue 21"),
    ("Rue A", "Rue B"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_another_street_is_never_a_misspelling(one, other):
    assert agreement(one, other) == "different"
    assert agreement(other, one) == "different"
    assert agreement(one, one) == agreement(other, other) == "same"


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("Tulipes", "Rue des Tulipes"),  # the kind is not said: it may be another
        ("des Tulipes", "Rue des Tulipes"),
        ("Pagnol", "Rue Marcel Pagnol"),
        ("rue Pagnol", "Rue Marcel Pagnol"),
        ("rue M. Pagnol", "Rue Marcel Pagnol"),
        ("place de l'Église", "Église"),
        ("rue", "Rue des Tulipes"),
        ("rue du Général", "Rue du Général Leclerc"),
        ("rue de la", "Rue de la Poste"),
    ],
)
def test_a_street_that_is_not_said_whole_is_not_sure(typed, held):
    assert agreement(typed, held) == "different"


@pytest.mark.parametrize(
    ("typed", "held", "other"),
    [
        ("rue Bodins", "Rue Baudin", "Rue Bodin"),
        ("rue Rivarols", "Rue Rivarole", "Rue Rivarol"),
        ("rue Rivarolle", "Rue Rivarelle", "Rue Rivarol"),
    ],
)
def test_another_name_with_an_ending_is_no_misspelling_where_the_index_knows_it(typed, held, other):
    assert agreement(typed, held) == "spelling"
    assert agreement(typed, held, other) == "different"


def test_a_word_of_another_street_of_the_index_is_no_misspelling():
    """« Rivaral » is no French word: it is the name of a street or an error for another, and the index tells."""
    assert agreement("rue Rivaral", "Rue Rivarol") == "spelling"
    assert agreement("rue Rivaral", "Rue Rivarol", "Rue Rivaral") == "different"


@pytest.mark.parametrize(
    ("typed", "near", "far"),
    [
        ("rue des ouettes", "Rue des Mouettes", "Rue des Alouettes"),
        ("quai des Maronnier", "Quai des Marronnier", "Quai des Marronniers"),
        ("rue des Coquelicot", "Rue des Coquelicot", "Rue des Coquelicots"),
    ],
)
def test_a_word_that_is_nearer_to_another_is_that_one(typed, near, far):
    """Two errors are forgiven in a long word, where no real one is at a single error."""
    assert agreement(typed, near) in {"spelling", "same"}
    assert agreement(typed, far) == "different"


@pytest.mark.parametrize(
    ("typed", "held", "shares"),
    [
        ("rue du Général Leclerc", "Avenue Leclerc", True),
        ("avenue du Général de Gaulle", "Avenue du Général Leclerc", False),  # a title tells nobody
        ("impasse des Lilas", "Rue des Lilas", True),
        ("rue Jules Ferry", "Rue Jules Guesde", True),
        ("rue des Tulipes", "Rue des Lilas", False),
        ("rue de la Poste", "Rue de la Porte", False),
        ("rue du Rivage", "Rue du Tige", False),
    ],
)
def test_what_shares_a_word_that_tells_is_known_to(typed, held, shares):
    assert match(typed, held).shares_name is shares


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Le Bourg", "same"),
        ("LE BOURG", "same"),
        ("Bourg", "spelling"),
        ("le Bourgg", "spelling"),
        ("Le Grand Bourg", "different"),
        ("rue du Bourg", "different"),
        ("Les Bourgs", "different"),
        ("Le Bourg Neuf", "different"),
    ],
)
def test_a_street_without_a_kind_has_its_name_alone(typed, expected):
    assert agreement(typed, "Le Bourg") == expected


# ── Aliases ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "street"),
    [
        ("rue des Essais", "same"),
        ("rue de l'Ancien Nom", "same"),
        ("r de l'ancien nom", "spelling"),
        ("chemin du Lavoir", "same"),
        ("rue du Lavoir", "different"),
        ("rue des Témoins", "different"),
    ],
)
def test_an_alias_is_a_name_of_the_street(typed, street):
    one = DOOR._replace(aliases="Rue de l'Ancien Nom|Chemin du Lavoir")
    [found] = compared(Query(f"15 bis {typed}, Essai-sur-Test"), [one], lambda _: False)
    assert str(found.match.street) == street


# ── Whatever is typed ────────────────────────────────────────────────────────────────────────────────────────

NAMES = st.sampled_from(sorted({name for pair in PAIRS for name in pair}))


@given(NAMES, NAMES)
def test_two_streets_of_one_index_are_never_taken_for_one_another(one, other):
    found = agreement(one, other, one, other)
    assert (found != "different") is (fold(one) == fold(other))


@given(NAMES, st.sampled_from([str.upper, str.lower, str.title, fold]))
def test_a_street_is_itself_however_it_is_capitalised(name, change):
    assert agreement(change(name), name) == "same"


@given(st.text(max_size=40), NAMES)
def test_no_text_breaks_the_comparison(text, name):
    found = match(text.replace(",", " "), name)
    assert str(found.street) in {"same", "spelling", "different", "unsaid"}
