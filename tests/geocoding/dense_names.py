"""Words of which `dense` makes towns and streets that are easily taken for one another."""

from __future__ import annotations

KINDS = (
    *("Rue",) * 12,
    *("Impasse", "Allée", "Avenue", "Chemin", "Place") * 2,
    *("Boulevard", "Route", "Square", "Passage", "Quai", "Cours", "Résidence", "Lotissement", "Sentier", "Ruelle"),
    *("Faubourg", "Cité", "Clos", "Hameau", "Villa", "Venelle", "Montée", "Esplanade", "Promenade", "Mail"),
    "Rond-point",
)  # fmt: skip
"""Kinds of streets, the usual ones more often."""

TREES = (
    *("du Chêne", "de l'Orme", "du Tilleul", "du Frêne", "du Hêtre", "du Peuplier", "du Bouleau", "du Platane"),
    *("du Saule", "du Noyer", "du Pommier", "du Cerisier", "du Poirier", "du Prunier", "du Marronnier", "du Sapin"),
    *("du Pin", "du Cèdre", "de l'Acacia", "de l'Érable", "du Charme", "du Noisetier", "de l'Olivier", "du Figuier"),
    *("du Mûrier", "du Sorbier", "de l'Amandier", "du Cormier", "du Buis", "du Houx"),
)
PLANTS = (
    *("des Lilas", "des Roses", "des Tulipes", "des Violettes", "des Bleuets", "des Coquelicots", "des Iris"),
    *("des Jonquilles", "des Marguerites", "des Primevères", "des Pervenches", "des Glycines", "des Genêts"),
    *("des Bruyères", "des Hortensias", "des Mimosas", "des Camélias", "des Dahlias", "des Pivoines", "des Œillets"),
    *("des Capucines", "des Anémones", "des Lauriers", "des Églantines", "des Aubépines", "des Pâquerettes"),
    *("des Myosotis", "des Lavandes", "des Fougères", "des Joncs", "des Ajoncs", "des Ronces", "des Narcisses"),
)
BIRDS = (
    *("des Alouettes", "des Hirondelles", "des Mésanges", "des Fauvettes", "des Rossignols", "des Merles"),
    *("des Pinsons", "des Bouvreuils", "des Chardonnerets", "des Cigognes", "des Hérons", "des Cygnes", "des Cailles"),
    *("des Perdrix", "des Colombes", "des Tourterelles", "des Goélands", "des Mouettes", "des Loriots", "des Grives"),
    *(
        "des Martinets",
        "du Martinet",
        "du Renard",
        "des Loups",
        "du Loup",
        "des Cerfs",
        "des Écureuils",
        "des Abeilles",
    ),
)
THINGS = (
    *("du Moulin", "des Moulins", "du Petit Moulin", "du Vieux Moulin", "de la Poste", "de la Porte", "des Postes"),
    *("du Port", "du Pont", "des Ponts", "du Vieux Pont", "de la Fontaine", "des Fontaines", "des Fontenelles"),
    *("de l'Église", "de la Mairie", "de la Gare", "de l'Ancienne Gare", "du Château", "du Vieux Château", "du Four"),
    *("de la Forge", "des Forges", "de la Prairie", "des Prairies", "de la Source", "des Sources", "de la Vallée"),
    *("du Vallon", "de la Croix", "de la Croix Blanche", "de la Croix Rouge", "de la Colline", "de la Côte", "du Bois"),
    *("des Bois", "du Petit Bois", "du Grand Bois", "de la Forêt", "de l'Étang", "des Étangs", "du Lavoir", "du Puits"),
    *("des Puits", "de l'École", "des Écoles", "du Collège", "du Lycée", "du Stade", "du Cimetière", "du Marché"),
    *("des Halles", "de la République", "de la Liberté", "de l'Égalité", "de la Fraternité", "de la Paix"),
    *("de la Victoire", "de la Résistance", "de la Libération", "de Verdun", "de la Marne", "de la Somme"),
    *("de l'Europe", "de l'Usine", "de la Tuilerie", "de la Tannerie", "de la Briqueterie", "de la Carrière"),
    *(
        "des Carrières",
        "du Champ",
        "des Champs",
        "des Grands Champs",
        "du Pré",
        "des Prés",
        "de la Vigne",
        "des Vignes",
    ),
    *("de la Grange", "des Granges", "de la Ferme", "de la Bergerie", "de la Chapelle", "de l'Abbaye", "du Prieuré"),
    *("de l'Hôpital", "du Palais", "de la Tour", "des Tours", "du Rempart", "des Remparts", "du Fossé", "des Fossés"),
    *("de la Barrière", "de la Digue", "de l'Écluse", "du Barrage", "du Canal", "de la Rivière", "du Ruisseau"),
    *("de la Mer", "de la Plage", "des Dunes", "des Rochers", "de la Falaise", "Haute", "Basse", "Neuve", "Grande"),
    *("du Sud", "du Nord", "de l'Est", "de l'Ouest", "du Midi", "du Soleil", "du Soleil Levant", "des Mouches"),
)
DATES = (
    *("du 8 Mai 1945", "du 8 Mai", "du 11 Novembre 1918", "du 11 Novembre", "du 19 Mars 1962", "du 14 Juillet"),
    *("du 14 Juillet 1789", "du 4 Septembre", "du 1er Mai", "du 6 Juin 1944", "du 22 Août 1944", "du 4 Août"),
)
SAINTS = (
    *("Saint-Pierre", "Saint-Martin", "Saint-Jean", "Saint-Jacques", "Sainte-Anne", "Sainte-Marie", "Saint-Michel"),
    *("Saint-Marc", "Saint-Marcel", "Saint-Nicolas", "Saint-Vincent", "Saint-Vincent de Paul", "Notre-Dame"),
    *("Notre-Dame de la Paix", "Notre-Dame des Champs", "Saint-Exupéry", "du Faubourg Saint-Martin"),
)
PEOPLE = (
    *("Jean Moulin", "Moulin", "Jean Jaurès", "Jules Ferry", "Jules Guesde", "Jules Verne", "Victor Hugo"),
    *("Victor Schœlcher", "Émile Zola", "Louis Pasteur", "Pasteur", "Pierre Curie", "Marie Curie"),
    *("Pierre et Marie Curie", "Paul Bert", "Paul Éluard", "Paul Valéry", "Paul Verlaine", "Arthur Rimbaud"),
    *("Charles Péguy", "Charles Perrault", "Charles Baudelaire", "Charles de Gaulle", "Alphonse Daudet"),
    *("Alphonse de Lamartine", "Lamartine", "Alfred de Musset", "Alfred de Vigny", "Anatole France"),
    *("Aristide Briand", "Léon Blum", "Léon Gambetta", "Gambetta", "Gustave Eiffel", "Gustave Flaubert"),
    *("Gustave Courbet", "Claude Monet", "Claude Debussy", "Édouard Manet", "Édouard Herriot"),
    *("Georges Clemenceau", "Georges Brassens", "Georges Bizet", "George Sand", "Jacques Brel", "Jacques Prévert"),
    *("Jacques Cartier", "Henri Barbusse", "Henri Matisse", "Henri Dunant", "Maurice Ravel", "Maurice Thorez"),
    *("Marcel Pagnol", "Marcel Cachin", "Marcel Proust", "Martin Luther King", "Antoine de Saint-Exupéry"),
    *("André Malraux", "André Gide", "Albert Camus", "Albert Schweitzer", "Albert Thomas", "Olympe de Gouges"),
    *("Simone Veil", "Simone de Beauvoir", "Louise Michel", "Rosa Parks", "Joséphine Baker", "Édith Piaf"),
    *("Camille Claudel", "Lucie Aubrac", "Danielle Casanova", "Guy Môquet", "Gabriel Péri", "Pierre Brossolette"),
    *("Pierre Mendès France", "Salvador Allende", "Nelson Mandela", "Jean de La Fontaine", "Jean Mermoz", "Mermoz"),
)
TITLED = (
    *("du Général Leclerc", "du Maréchal Leclerc", "Leclerc", "du Général de Gaulle", "du Maréchal Foch", "Foch"),
    *("du Maréchal Joffre", "du Maréchal Lyautey", "du Docteur Roux", "du Docteur Calmette", "du Professeur Calmette"),
    *("de l'Abbé Pierre", "du Colonel Fabien", "du Commandant Cousteau", "du Capitaine Guynemer", "Georges Guynemer"),
    *(
        "du Président Kennedy",
        "du Président Wilson",
        "du Président Coty",
        "des Frères Lumière",
        "Auguste et Louis Lumière",
    ),
    *("du Lieutenant Carré", "du Sergent Carré", "du Docteur Martin", "du Docteur Marin", "du Général Martin"),
)
GLUED = (
    *("Dubois", "Dupont", "Dupré", "Duval", "du Val", "Delacroix", "Eugène Delacroix", "Dumoulin", "Desprez"),
    *("Lafontaine", "La Fontaine", "Lemoine", "le Moine", "Lebrun", "le Brun", "Delaporte", "Dumont", "du Mont"),
    *("Lagarde", "la Garde", "Deschamps", "Dufour", "Dufossé", "Lacroix", "La Pérouse", "Lapeyrouse"),
)
SURNAMES = (
    *("Martin", "Marin", "Martinet", "Martinat", "Bernard", "Bénard", "Renard", "Renaud", "Girard", "Giraud"),
    *("Morel", "Moreau", "Morin", "Picard", "Picart", "Petit", "Petiot", "Robert", "Robin", "Roussel", "Rousseau"),
    *("Simon", "Simonet", "Michel", "Michelet", "Lambert", "Gilbert", "Hubert", "Aubert", "Vidal", "Vital"),
)
FIRST_NAMES = (
    *("Jean", "Jules", "Victor", "Émile", "Louis", "Pierre", "Marie", "Paul", "Arthur", "Charles", "Alphonse"),
    *("Alfred", "Anatole", "Aristide", "Léon", "Gustave", "Claude", "Édouard", "Georges", "George", "Jacques", "Henri"),
    *("Maurice", "Marcel", "Antoine", "André", "Albert", "Olympe", "Simone", "Louise", "Rosa", "Joséphine", "Édith"),
    *("Camille", "Lucie", "Danielle", "Guy", "Gabriel", "Salvador", "Nelson", "Eugène", "Auguste", "Luc", "Anne"),
)
TITLES = (
    *("Général", "Maréchal", "Docteur", "Professeur", "Abbé", "Colonel", "Commandant", "Capitaine", "Président"),
    *("Lieutenant", "Sergent", "Frères"),
)
TOWNS_AFAR = (
    *(
        "de Paris",
        "de Poitiers",
        "de Lille",
        "de Lyon",
        "de Bordeaux",
        "de Nantes",
        "de Tours",
        "de Limoges",
        "de Loos",
    ),
    *(
        "d'Arras",
        "de Lens",
        "de Douai",
        "de Niort",
        "d'Angoulême",
        "de Rennes",
        "de Brest",
        "de Bourges",
        "de Chartres",
    ),
)
FAMILIES = (TREES, PLANTS, BIRDS, THINGS, THINGS, PEOPLE, TITLED, DATES, SAINTS, GLUED, TOWNS_AFAR)

BEGINNINGS = ("Va", "Mor", "Che", "Bel", "Tour", "Cra", "Lou", "Fré", "Gui", "Sau", "Pé", "Ro", "Bré", "Mar", "Cour")
MIDDLES = ("", "", "vi", "ti", "ne", "ber", "la", "gno", "ssi", "dre")
ENDINGS = ("gny", "ville", "zac", "nay", "court", "lles", "gnan", "mont", "x", "ry", "ssac", "vières", "ce", "teau")
RIVERS = ("Orve", "Aubrelle", "Lys", "Claine", "Vèbre", "Seuille", "Mer")
REAL_TOWNS = (
    *(("59360", "Loos", "59120"), ("59350", "Lille", "59800"), ("59299", "Hem", "59510")),
    *(("69123", "Lyon", "69003"), ("86194", "Poitiers", "86000"), ("35139", "Laillé", "35890")),
    *(("42218", "Saint-Étienne", "42000"), ("63032", "Beaumont", "63110"), ("01053", "Bourg-en-Bresse", "01000")),
    *(("06088", "Nice", "06000"), ("37261", "Tours", "37000"), ("79191", "Niort", "79000")),
    *(("62498", "Lens", "62300"), ("59178", "Douai", "59500"), ("33063", "Bordeaux", "33000")),
    *(("44109", "Nantes", "44000"), ("67482", "Strasbourg", "67000"), ("31555", "Toulouse", "31000")),
    *(("34172", "Montpellier", "34000"), ("51454", "Reims", "51100"), ("76351", "Le Havre", "76600")),
    *(("38185", "Grenoble", "38000"), ("21231", "Dijon", "21000"), ("49007", "Angers", "49000")),
    *(("30189", "Nîmes", "30000"), ("29019", "Brest", "29200"), ("72181", "Le Mans", "72000")),
    *(("80021", "Amiens", "80000"), ("57463", "Metz", "57000"), ("66136", "Perpignan", "66000")),
    *(("25056", "Besançon", "25000"), ("14118", "Caen", "14000"), ("54395", "Nancy", "54000")),
    *(("86066", "Châtellerault", "86100"), ("02691", "Saint-Quentin", "02100")),
)
"""INSEE code, name and postcode of well-known communes: used where there is no gazetteer to draw from."""
ARRONDISSEMENTS = (
    *(("75111", "Paris 11e Arrondissement", "75011"), ("75101", "Paris 1er Arrondissement", "75001")),
    *(("69383", "Lyon 3e Arrondissement", "69003"), ("69381", "Lyon 1er Arrondissement", "69001")),
)
"""As the Base Adresse Nationale names them."""
