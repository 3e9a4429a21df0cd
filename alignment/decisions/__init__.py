"""The curators' decisions: their log, what they come to, and how they are laid on the machine's pairs."""
