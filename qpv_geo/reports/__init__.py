"""Reports that people keep: a workbook of funded projects, a one-page fiche of a verdict."""
