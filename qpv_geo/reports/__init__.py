"""Reports: a workbook of funded projects, and a one-page fiche of a verdict."""
