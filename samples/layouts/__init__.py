"""A gallery of small books, one for each layout that books of art print, each drawn anew from its seed."""
