"""Typesets sample books from motifs that the program draws; imports none of the pipeline."""
