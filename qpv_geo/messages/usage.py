"""What the help of each command and option says, in French."""

from __future__ import annotations

QPV = """Cette adresse, ce point ou ce site est-il dans un quartier prioritaire (QPV), à une date donnée ?

La réponse vient avec son degré de certitude et ses justificatifs. Résultat indicatif, ne vaut pas attestation
réglementaire.

\b
Exemples :
  qpv check --lon 3.00671 --lat 50.60889 --on 01/06/2024
  qpv check --help"""

COMMANDS = {
    "addresses": "Les adresses de cette machine : télécharger, importer, voir.",
    "batch": "Vérifier chaque ligne d’un fichier.",
    "check": "Vérifier une adresse, un point ou un site à une date.",
    "diff": "Montrer ce qui a changé entre deux générations de périmètres.",
    "indicators": "Les indicateurs des quartiers (population, revenus, pauvreté, emploi).",
    "map": "Dessiner une carte des projets financés, en un seul fichier.",
    "perimeters": "Les périmètres : voir, télécharger, importer, contrôler.",
    "programmes": "Les programmes que les villes publient, comparés aux tableaux de projets.",
    "projects": "Les projets financés : sommes, lieux, dispositifs.",
    "register": "Le registre : les vérifications enregistrées et les décisions.",
    "schemes": "Les dispositifs (fonds, avantages fiscaux) et leurs règles.",
    "serve": "Lancer le service HTTP et la page du guichet.",
    "setup": "Installer en une commande ce qu’il faut à une ville.",
    "verify": "Recalculer une réponse conservée et dire ce qui diffère.",
}

CHECK = """Vérifier si une adresse, un point ou un site est en QPV à une date.

Donnez une adresse (ADRESSE), un point (--lon et --lat, en degrés décimaux) ou un site (--site, un fichier de points,
de lignes ou de polygones). L’adresse est cherchée sur cette machine, puis auprès du service national. Avec « - », les
adresses sont lues sur l’entrée standard, une par ligne, et chaque réponse est une ligne de JSON.

La date choisit les périmètres en vigueur. Sans elle, la réponse vaut pour aujourd’hui.

\b
Exemples :
  qpv check "Collège René Descartes, 59120 Loos"
  qpv check --lon 3.00671 --lat 50.60889 --on 01/06/2024
  qpv check "Rue Édouard Herriot, 59120 Loos" --scheme pic-loos --amount 1500"""
CHECK_POSTCODE = "Chercher l’adresse dans ce code postal."
CHECK_CITYCODE = "Chercher l’adresse dans la commune de ce code INSEE (ce n’est pas le code postal)."
OFFLINE = "Ne rien demander au réseau, chercher seulement sur cette machine."
NO_CACHE = "Ne pas utiliser les réponses gardées du service national, et n’en garder aucune."
CHECK_LON = "Longitude du point, en degrés décimaux (WGS84)."
CHECK_LAT = "Latitude du point, en degrés décimaux (WGS84)."
CHECK_SITE = "Fichier du site : GeoJSON, GeoPackage, Shapefile ou GeoParquet."
CHECK_LAYER = "Couche du fichier, s’il en contient plusieurs."
CHECK_ENCODING = "Encodage du texte de ce fichier, par exemple cp1252. Sans lui, reconnu seul."
CHECK_ON = "Date de la question. Sans elle, aujourd’hui."
CHECK_GENERATION = "Utiliser cette génération (qpv-2015, qpv-2024), quelle que soit la date."
CHECK_ACCURACY = "Marge d’erreur du point, en mètres."
CHECK_SCHEME = "Dispositif à examiner ; peut être répété. Pour les connaître : qpv schemes list."
CHECK_ANSWER = "Réponse à une question d’un dispositif, QUESTION=oui ou QUESTION=non ; peut être répété."
CHECK_AMOUNT = "Montant demandé en euros, pour les dispositifs plafonnés."
CHECK_PDF = "Écrire aussi la fiche, un PDF d’une page."
CHECK_KIND = "Type de périmètre à vérifier ; peut être répété. Sans lui : qpv."
FORMAT = "Présentation de la réponse."

ADDRESSES = """Chercher des adresses sans réseau.

Chaque département a son index, fait de la Base Adresse Nationale ou d’une Base Adresse Locale."""
ADDRESSES_COMMANDS = {
    "import": "Indexer un fichier d’adresses.",
    "fetch": "Télécharger et indexer les adresses d’un département.",
    "status": "Lister les index d’adresses installés.",
    "near": "Trouver l’adresse la plus proche d’un point.",
}
ADDRESSES_IMPORT = """Indexer un fichier d’adresses.

FICHIER : CSV de la Base Adresse Nationale, lieux-dits, ou Base Adresse Locale (1.3, 1.4), compressé par gzip ou non.

\b
Exemple :
  qpv addresses import adresses-86.csv.gz"""
ADDRESSES_ID = "Nom de l’index. Sans lui, le département lu dans le nom du fichier, sinon ce nom."
ADDRESSES_FETCH = """Télécharger et indexer les adresses d’un département (86, 2A, 974).

\b
Exemple :
  qpv addresses fetch 86"""
ADDRESSES_STATUS = """Lister les index d’adresses installés : édition, taille, empreinte numérique.

\b
Exemple :
  qpv addresses status"""
ADDRESSES_NEAR = """Trouver l’adresse la plus proche d’un point.

\b
Exemple :
  qpv addresses near --lon 0.3404 --lat 46.5802"""
NEAR_LIMIT = "Nombre d’adresses, 50 au plus."
PERIMETERS = """Voir, télécharger, importer et contrôler les périmètres.

Les périmètres 2024 de Poitiers et de Loos sont livrés. Ceux de toute la France se téléchargent avec fetch."""
PERIMETERS_COMMANDS = {
    "list": "Lister les jeux de périmètres installés, et ceux à télécharger.",
    "show": "Montrer un quartier, par son code, son nom ou son nom d’usage.",
    "fetch": "Télécharger les périmètres officiels d’une génération.",
    "import": "Installer les périmètres d’un fichier.",
    "import-npnru": "Enregistrer la liste des conventions de renouvellement urbain (NPNRU).",
    "import-correspondence": "Enregistrer la correspondance officielle des codes de 2015 et de 2024.",
    "remove": "Retirer un jeu installé.",
    "export": "Écrire des périmètres dans un fichier pour un SIG.",
    "verify": "Contrôler que les fichiers installés n’ont pas changé.",
}
EXPORT = """Écrire des périmètres dans un fichier pour un SIG, avec leur source et la zone où ils sont complets.

\b
Exemple :
  qpv perimeters export --generation qpv-2024 --commune 59360 -o loos.gpkg"""
EXPORT_GENERATION = "Génération (qpv-2015, qpv-2024) ou jeu installé."
EXPORT_COMMUNE = "Commune à garder : code INSEE (ce n’est pas le code postal) ou nom."
EXPORT_OUTPUT = "Fichier à écrire : .gpkg (avec un style pour QGIS), .fgb, .parquet ou .geojson."
LIST = """Lister les jeux de périmètres installés, et ceux à télécharger.

\b
Exemple :
  qpv perimeters list"""
SHOW = """Montrer un quartier, par son code, son nom ou son nom d’usage.

\b
Exemples :
  qpv perimeters show "Épi de Soil"
  qpv perimeters show QN05975M --format geojson"""
SHOW_DATASET = "Chercher dans ce jeu ou cette génération seulement."
FETCH = """Télécharger et installer les périmètres officiels d’une génération : qpv-2024 ou qpv-2015.

Le fichier reçu est comparé à l’édition connue. Une autre édition n’est installée que sur demande (--accept-new).
Son empreinte numérique est alors enregistrée.

\b
Exemple :
  qpv perimeters fetch qpv-2024"""
FETCH_ACCEPT = "Accepter une édition dont l’empreinte numérique n’est pas connue."
FETCH_URL = "Télécharger depuis une autre adresse (miroir). Les contrôles restent les mêmes."
IMPORT = """Installer les périmètres d’un fichier GeoJSON, GeoPackage, Shapefile (zip compris) ou GeoParquet.

Pour une génération nationale : --generation qpv-2015 ou qpv-2024. Pour des zones locales : un identifiant de votre
choix et leur type.

\b
Exemples :
  qpv perimeters import quartiers-2015.geojson --generation qpv-2015
  qpv perimeters import zones.geojson --generation zones-poitiers --kind municipal_zone"""
IMPORT_ID = "Génération du fichier, ou identifiant de vos zones. Sans elle, reconnue d’après les codes."
IMPORT_KIND = "Type des périmètres : qpv, municipal_zone, watch_area ou un type de votre choix."
IMPORT_COVERAGE = (
    "Secteur où le fichier est complet : all (toute la France), none, OUEST,SUD,EST,NORD en degrés, ou un fichier de "
    "polygones. Sans lui : all si le nombre de périmètres est le nombre officiel, sinon none."
)
IMPORT_PRECISION = "Précision des limites, en mètres. Sans elle, d’après l’arrondi des coordonnées."
IMPORT_CRS = "Système de coordonnées d’un fichier qui n’indique pas le sien, par exemple EPSG:2154."
IMPORT_ENCODING = "Encodage du texte d’un Shapefile ou d’un GeoJSON, par exemple cp1252. Sans lui, il est reconnu."
IMPORT_LAYER = "Couche, ou fichier du zip, s’il y en a plusieurs."
IMPORT_FROM = "Premier jour de validité de zones locales."
IMPORT_TO = "Dernier jour de validité de zones locales."
IMPORT_SOURCE = "Origine du fichier (adresse, organisme)."
IMPORT_EDITION = "Édition du fichier."
IMPORT_LICENCE = "Licence du fichier."
IMPORT_REPLACE = "Remplacer le jeu du même identifiant."
IMPORT_NPNRU = """Enregistrer la liste des quartiers qui ont une convention de renouvellement urbain (NPNRU).

FICHIER : CSV en UTF-8, colonnes code_qp, level (national, regional, unknown), convention (AAAA-MM-JJ ou AAAA-MM) et
source. Elle remplace la liste enregistrée avant, et complète celle qui est livrée.

\b
Exemple :
  qpv perimeters import-npnru conventions.csv"""
IMPORT_CORRESPONDENCE = """Enregistrer la correspondance officielle des quartiers de 2015 et de 2024 (ANCT).

FICHIER : le CSV publié, colonnes QP2024 et QP2015_1 (puis QP2015_2, QP2015_3). Elle permet de suivre un quartier d’une
génération à l’autre dans toute la France. Celle des quartiers livrés est déjà livrée.

\b
Exemple :
  qpv perimeters import-correspondence correspondance.csv"""
REMOVE = """Retirer un jeu de périmètres installé. Ceux qui sont livrés restent.

\b
Exemple :
  qpv perimeters remove zones-poitiers"""
VERIFY_FILES = """Contrôler l’empreinte numérique de chaque fichier de périmètres installé.

\b
Exemple :
  qpv perimeters verify"""

DIFF = """Dire ce qui a changé entre deux générations, quartier par quartier.

AVANT et APRÈS sont des générations ou des jeux installés (qpv-2015, qpv-2024) ou des fichiers.

\b
Exemple :
  qpv diff qpv-2015 qpv-2024 --commune 59360"""
DIFF_COMMUNE = EXPORT_COMMUNE
DIFF_MIN_AREA = "Surface à partir de laquelle une partie ajoutée ou retirée est citée, en m²."
DIFF_CORRESPONDENCE = (
    "Fichier CSV officiel de correspondance des codes 2015-2024. Sans lui, d’après les surfaces communes."
)

VERIFY = """Recalculer une réponse conservée (la sortie de qpv check --format json) et dire ce qui diffère.

FICHIER peut être « - » pour lire l’entrée standard. Un export du registre (.jsonl) est contrôlé sans le registre :
sa signature, chaque enregistrement et leur suite.

\b
Exemple :
  qpv verify verdict.json"""

VERIFY_KEY = "Clé publique attendue d’un export signé : le fichier register-key.pub, ou ce qu’il contient."

BATCH = """Vérifier chaque ligne d’un fichier et écrire le même fichier, complété par les réponses.

FICHIER : CSV, XLSX, Parquet, GeoPackage ou GeoJSON. Le type de SORTIE suit son nom. Un dossier de Parquet est
traité fichier par fichier, et SORTIE est un autre dossier. Les colonnes d’adresse ou de coordonnées sont
reconnues à leur nom et montrées d’abord, ou nommées par les options. Un traitement arrêté reprend où il en était :
relancez la même commande.

\b
Exemples :
  qpv batch beneficiaires.csv -o beneficiaires-qpv.xlsx --on 01/06/2024
  qpv batch beneficiaires.csv -o reponses.csv --lon-column x --lat-column y --crs EPSG:2154"""
BATCH_OUTPUT = "Fichier à écrire : .csv, .xlsx, .parquet, .gpkg ou .geojson, ou dossier si FICHIER en est un."
BATCH_ADDRESS = "Colonne d’adresse. Répétez-la pour les colonnes qui composent l’adresse, dans l’ordre."
BATCH_LON = "Colonne des longitudes (ou des x, avec --crs)."
BATCH_LAT = "Colonne des latitudes (ou des y, avec --crs)."
BATCH_POINT = (
    "Colonne qui donne le lieu en une cellule : « 46.58, 0.34 », WKT ou GeoJSON (geo_point_2d, geom…). "
    "Dans geo_point_2d, la latitude vient d’abord. Ailleurs, l’ordre qui donne un lieu en France est retenu."
)
BATCH_DATE = "Colonne de la date de chaque ligne (JJ/MM/AAAA ou AAAA-MM-JJ)."
BATCH_POSTCODE = "Colonne des codes postaux, où chercher l’adresse."
BATCH_CITYCODE = "Colonne des codes INSEE (ce ne sont pas les codes postaux), où chercher l’adresse."
BATCH_AMOUNT = "Colonne des montants demandés en euros, pour les dispositifs plafonnés."
BATCH_SCHEME = "Dispositif à examiner, dans une colonne de plus ; peut être répété. Liste : qpv schemes list."
BATCH_ON = "Date de toutes les lignes, ou de celles dont la date est vide. Sans elle, aujourd’hui."
BATCH_ACCURACY = "Marge d’erreur des coordonnées, en mètres."
BATCH_CRS = "Système de coordonnées, par exemple EPSG:2154. Sans lui, celui du fichier ou WGS84."
BATCH_PERIMETERS = "Jeu de périmètres ou fichier à utiliser, au lieu de ceux qui sont en vigueur à la date."
BATCH_ENCODING = "Encodage du CSV, s’il est mal reconnu (utf-8, cp1252, utf-8+cp1252…)."
BATCH_DELIMITER = "Séparateur du CSV, s’il est mal reconnu : un signe, ou tab."
BATCH_HEADER_ROW = "Ligne des en-têtes d’un CSV ou d’une feuille, si elle est mal reconnue."
BATCH_MESSAGES = (
    "Lignes dont la réponse est aussi écrite en une phrase : aucune (none), celles qui ne sont pas fermes (doubt, par "
    "défaut en Parquet) ou toutes (all, par défaut ailleurs)."
)
BATCH_LAYER = "Feuille du classeur, ou couche du GeoPackage."
BATCH_COLUMNS = "Colonnes de réponse : short (en français) ou all. Sans elle : short dans un classeur, all ailleurs."
BATCH_STRICT = "S’arrêter à la première ligne illisible, sans rien écrire."
BATCH_OVERWRITE = "Remplacer le fichier de sortie s’il existe."
BATCH_REPLACE = "Remplacer les colonnes de réponse que le fichier a déjà."
BATCH_RESTART = "Recommencer un traitement arrêté."
BATCH_DRY_RUN = "Montrer seulement comment le fichier est lu."
