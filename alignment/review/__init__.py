"""The review page: what to look at first, when enough was seen, and the page itself."""
