"""Pages → pairs: which text belongs to which figure, clean text, kind and title."""
