"""What the help of each command and option says, in French."""

from __future__ import annotations

QPV = """Cette adresse, ce point, ce site est-il dans un quartier prioritaire (QPV), à cette date ?

La réponse dit aussi à quel point elle est sûre et ce qui la prouve. Résultat indicatif, ne vaut pas attestation
réglementaire."""

COMMANDS = {
    "addresses": "Les adresses hors ligne : importer, télécharger, voir.",
    "batch": "Vérifier chaque ligne d'un fichier, sans en rien perdre.",
    "check": "Vérifier une adresse, un point ou un site à une date.",
    "diff": "Ce qui a changé entre deux générations de périmètres.",
    "indicators": "Les indicateurs des quartiers (population, revenus, pauvreté, emploi).",
    "map": "Une carte des projets financés, en un seul fichier.",
    "perimeters": "Les périmètres : voir, télécharger, importer, contrôler.",
    "programmes": "Les programmes que les villes publient, comparés aux tableaux de projets.",
    "projects": "Les projets financés : leurs sommes, leur lieu, leur dispositif.",
    "register": "Le registre : les vérifications enregistrées et les décisions.",
    "schemes": "Les dispositifs (fonds, avantages fiscaux) et leurs règles.",
    "serve": "Le service HTTP et la page du guichet.",
    "verify": "Recalculer un verdict conservé et dire ce qui diffère.",
}

CHECK = """Vérifier si une adresse, un point ou un site est en QPV à une date.

Une adresse : ADRESSE, cherchée dans les index de cette machine, puis auprès du service national. Un point :
--lon et --lat, en degrés décimaux. Un site : --site, un fichier de points, de lignes ou de polygones.
La date choisit la génération de périmètres en vigueur ; sans elle, c'est aujourd'hui.

Exemples : qpv check "Collège René Descartes, 59120 Loos" ; qpv check --lon 3.00671 --lat 50.60889 --on 2024-06-01"""
CHECK_POSTCODE = "Chercher l'adresse dans ce code postal."
CHECK_CITYCODE = "Chercher l'adresse dans la commune de ce code INSEE (pas le code postal)."
OFFLINE = "Ne rien demander au réseau : seuls les index de cette machine répondent."
NO_CACHE = "Ne pas utiliser les réponses conservées du service national, et n'en conserver aucune."
CHECK_LON = "Longitude du point, en degrés décimaux (WGS84)."
CHECK_LAT = "Latitude du point, en degrés décimaux (WGS84)."
CHECK_SITE = "Fichier du site : GeoJSON, GeoPackage, Shapefile ou GeoParquet."
CHECK_LAYER = "Couche du fichier, s'il en contient plusieurs."
CHECK_ON = "Date de la question ; sans elle, aujourd'hui."
CHECK_GENERATION = "Imposer une génération (qpv-2015, qpv-2024) quelle que soit la date."
CHECK_ACCURACY = "De combien de mètres le point peut être faux."
CHECK_SCHEME = "Dire aussi ce qu'un dispositif exige, et s'il s'applique ; répétable (qpv schemes list les donne)."
CHECK_ANSWER = "Réponse à une question d’un dispositif, QUESTION=oui ou QUESTION=non ; répétable."
CHECK_AMOUNT = "Montant demandé en euros, pour les dispositifs plafonnés."
CHECK_PDF = "Écrire aussi la fiche du verdict, un PDF d'une page."
CHECK_KIND = "Type de périmètre sur lequel porte la réponse ; répétable. Sans lui : qpv."
FORMAT = "Présentation de la réponse."

ADDRESSES = """Chercher des adresses sans réseau.

Un index par département, fait de la Base Adresse Nationale ou d'une Base Adresse Locale."""
ADDRESSES_COMMANDS = {
    "import": "Faire l'index d'un fichier d'adresses.",
    "fetch": "Télécharger les adresses d'un département et en faire l'index.",
    "status": "Les index présents.",
    "near": "L'adresse la plus proche d'un point.",
}
ADDRESSES_IMPORT = """Faire l'index d'un fichier d'adresses : CSV de la Base Adresse Nationale, lieux-dits, ou Base
Adresse Locale (1.3, 1.4), compressé par gzip ou non.

Exemple : qpv addresses import adresses-86.csv.gz"""
ADDRESSES_ID = "Nom de l'index ; sans lui, le département que dit le nom du fichier, ou ce nom."
ADDRESSES_FETCH = "Télécharger les adresses d'un département (86, 2A, 974) et en faire l'index."
ADDRESSES_STATUS = "Montrer les index d'adresses présents : édition, taille, empreinte."
ADDRESSES_NEAR = "Donner l'adresse la plus proche d'un point."
NEAR_LIMIT = "Nombre d'adresses, 50 au plus."
PERIMETERS = """Voir, télécharger, importer et contrôler les périmètres.

Les périmètres 2024 de Poitiers et de Loos sont livrés ; ceux de toute la France se téléchargent avec fetch."""
PERIMETERS_COMMANDS = {
    "list": "Les jeux de périmètres présents, et ceux qui peuvent être téléchargés.",
    "show": "Un périmètre, par son code, son nom ou son nom d'usage.",
    "fetch": "Télécharger les périmètres officiels d'une génération.",
    "import": "Installer les périmètres d'un fichier.",
    "import-npnru": "Enregistrer la liste des conventions de renouvellement urbain (NPNRU).",
    "import-correspondence": "Enregistrer la correspondance officielle des codes de 2015 et de 2024.",
    "remove": "Retirer un jeu installé.",
    "export": "Écrire des périmètres dans un fichier pour un SIG.",
    "verify": "Contrôler que les fichiers présents sont bien ceux qui ont été enregistrés.",
}
LIST = "Lister les jeux de périmètres présents, et ceux qui peuvent être téléchargés."
EXPORT = """Écrire des périmètres dans un fichier pour un SIG, avec leur source et la zone où ils sont complets.

Exemple : qpv perimeters export --generation qpv-2024 --commune 59360 -o loos.gpkg"""
EXPORT_GENERATION = "Génération (qpv-2015, qpv-2024) ou jeu installé."
EXPORT_COMMUNE = "Code INSEE (pas le code postal) ou nom de la commune à garder."
EXPORT_OUTPUT = "Fichier à écrire : .gpkg (avec un style pour QGIS), .fgb, .parquet ou .geojson."
SHOW = """Montrer un périmètre, par son code, son nom ou son nom d'usage.

Exemple : qpv perimeters show "Épi de Soil" """
SHOW_DATASET = "Chercher dans ce jeu ou cette génération seulement."
FETCH = """Télécharger et installer les périmètres officiels d'une génération : qpv-2024 ou qpv-2015.

Le fichier reçu est comparé à l'édition connue. Une autre édition n'est installée que sur demande (--accept-new) ;
son empreinte est alors enregistrée."""
FETCH_ACCEPT = "Accepter une édition dont l'empreinte n'est pas connue."
FETCH_URL = "Prendre le fichier à une autre adresse (miroir) ; les contrôles restent les mêmes."
IMPORT = """Installer les périmètres d'un fichier GeoJSON, GeoPackage, Shapefile (zip compris) ou GeoParquet.

Pour une génération nationale : --generation qpv-2015 ou qpv-2024. Pour des zones locales : un identifiant à vous et
leur type, par exemple --generation zones-poitiers --kind municipal_zone."""
IMPORT_ID = "Génération du fichier, ou identifiant de vos zones ; sans elle, devinée d'après les codes."
IMPORT_KIND = "Type des périmètres : qpv, municipal_zone, watch_area ou un type à vous."
IMPORT_COVERAGE = (
    "Où le fichier est complet : all (toute la France), none, OUEST,SUD,EST,NORD en degrés, ou un fichier de "
    "polygones. Sans elle : all si le nombre de périmètres est le nombre officiel ; sinon, seuls les points dans un "
    "périmètre ont une réponse ferme."
)
IMPORT_PRECISION = "Précision des limites, en mètres ; sans elle, d'après l'arrondi des coordonnées."
IMPORT_CRS = "Système de coordonnées d'un fichier qui n'annonce pas le sien, par exemple EPSG:2154."
IMPORT_ENCODING = (
    "Encodage du texte d'un Shapefile ou d'un GeoJSON, par exemple cp1252 ; sans elle, reconnu d'après le fichier."
)
IMPORT_LAYER = "Couche, ou fichier du zip, s'il y en a plusieurs."
IMPORT_FROM = "Premier jour de validité de zones locales."
IMPORT_TO = "Dernier jour de validité de zones locales."
IMPORT_SOURCE = "D'où vient le fichier (adresse, organisme)."
IMPORT_EDITION = "Édition du fichier."
IMPORT_LICENCE = "Licence du fichier."
IMPORT_REPLACE = "Remplacer le jeu du même identifiant."
IMPORT_NPNRU = """Enregistrer la liste des quartiers qui ont une convention de renouvellement urbain (NPNRU).

FICHIER : CSV en UTF-8, colonnes code_qp, level (national, regional, unknown), convention (AAAA-MM-JJ ou AAAA-MM) et
source. Elle remplace la liste enregistrée avant, et complète celle qui est livrée."""
IMPORT_CORRESPONDENCE = """Enregistrer la correspondance officielle des quartiers de 2015 et de 2024 (ANCT).

FICHIER : le CSV publié, colonnes QP2024 et QP2015_1 (puis QP2015_2, QP2015_3). Elle permet de suivre un quartier d'une
génération à l'autre dans toute la France ; celle des quartiers livrés est livrée."""
REMOVE = "Retirer un jeu de périmètres installé ; ceux qui sont livrés restent."
VERIFY_FILES = "Contrôler l'empreinte de chaque fichier de périmètres présent."

DIFF = """Dire ce qui a changé entre deux générations, quartier par quartier.

AVANT et APRÈS sont des générations ou des jeux présents (qpv-2015, qpv-2024) ou des fichiers.

Exemple : qpv diff qpv-2015 qpv-2024 --commune 59360"""
DIFF_COMMUNE = EXPORT_COMMUNE
DIFF_MIN_AREA = "Surface à partir de laquelle un morceau ajouté ou retiré est cité, en m²."
DIFF_CORRESPONDENCE = (
    "Fichier CSV officiel de correspondance des codes 2015-2024 ; sans lui, d'après les surfaces communes."
)

VERIFY = """Recalculer un verdict conservé (la sortie de qpv check --format json) et dire ce qui diffère.

FICHIER peut être - pour lire l'entrée standard. Un export du registre (.jsonl) est contrôlé sans le registre :
sa signature, chaque enregistrement et leur suite."""
VERIFY_KEY = "Clé publique attendue d’un export signé : le fichier register-key.pub, ou ce qu’il contient."

BATCH = """Vérifier chaque ligne d'un fichier et écrire le même fichier avec les réponses à côté.

FICHIER : CSV, XLSX, Parquet, GeoPackage ou GeoJSON ; le type de SORTIE suit son nom. Les colonnes d'adresse ou de
coordonnées sont reconnues à leur nom et montrées d'abord, ou désignées par les options. Un traitement arrêté reprend
où il en était : relancez la même commande.

Exemple : qpv batch beneficiaires.csv -o beneficiaires-qpv.xlsx --on 2024-06-01"""
BATCH_OUTPUT = "Fichier à écrire : .csv, .xlsx, .parquet, .gpkg ou .geojson."
BATCH_ADDRESS = "Colonne d'adresse ; répétable : les parties sont mises bout à bout, dans l'ordre donné."
BATCH_LON = "Colonne des longitudes (ou des x, avec --crs)."
BATCH_LAT = "Colonne des latitudes (ou des y, avec --crs)."
BATCH_POINT = (
    "Colonne qui donne le lieu en une cellule : « 46.58, 0.34 », WKT ou GeoJSON (geo_point_2d, geom…). "
    "geo_point_2d : latitude d'abord ; sinon, l'ordre qui tombe en France."
)
BATCH_DATE = "Colonne de la date de chaque ligne (AAAA-MM-JJ ou JJ/MM/AAAA)."
BATCH_POSTCODE = "Colonne des codes postaux : l'adresse n'est cherchée que là."
BATCH_CITYCODE = "Colonne des codes INSEE (pas les codes postaux) : l'adresse n'est cherchée que là."
BATCH_AMOUNT = "Colonne des montants demandés en euros, pour les dispositifs plafonnés."
BATCH_SCHEME = "Ajouter une colonne qui dit si ce dispositif s'applique ; répétable (qpv schemes list les donne)."
BATCH_MESSAGES = (
    "Lignes dont la réponse est aussi écrite en une phrase : aucune (none), celles qui ne sont pas fermes (doubt, par "
    "défaut en Parquet) ou toutes (all, par défaut ailleurs)."
)
BATCH_ON = "Date de toutes les lignes, ou de celles dont la colonne de date est vide ; sans elle, aujourd'hui."
BATCH_ACCURACY = "De combien de mètres les coordonnées peuvent être fausses."
BATCH_CRS = "Système des coordonnées ou des géométries, par exemple EPSG:2154 ; sans lui, celui du fichier ou WGS84."
BATCH_PERIMETERS = "Jeu de périmètres ou fichier à utiliser, au lieu de tous ceux qui valent à la date."
BATCH_ENCODING = "Encodage du CSV, s'il est mal reconnu (utf-8, cp1252, utf-8+cp1252…)."
BATCH_DELIMITER = "Séparateur du CSV, s'il est mal reconnu : un signe, ou tab."
BATCH_HEADER_ROW = (
    "Ligne des en-têtes d'un CSV ou d'une feuille, si elle est mal reconnue ; celles au-dessus sont gardées."
)
BATCH_LAYER = "Feuille du classeur, ou couche du GeoPackage."
BATCH_STRICT = "S'arrêter à la première ligne qui ne peut pas être lue, sans rien écrire."
BATCH_OVERWRITE = "Écraser la sortie si elle existe."
BATCH_REPLACE = "Remplacer les colonnes de réponse que le fichier a déjà."
BATCH_RESTART = "Reprendre du début un traitement arrêté."
BATCH_DRY_RUN = "Montrer seulement comment le fichier est lu."
