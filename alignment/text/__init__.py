"""From what was printed to what is released, each step visible.

| step    | what happens                                                              | where             |
| ------- | ------------------------------------------------------------------------- | ----------------- |
| regions | of all that is printed for a figure, the regions that a field is made of   | `composing.py`    |
| joined  | lines and columns become running text, by geometry                        | `composing.py`    |
| rules   | numbers and keys off; then the rules for Chinese print, in their order    | `rules.py`        |
| model   | if asked for: a language model's corrections that pass the gates          | `refining.py`     |
| review  | for later: a curator's edits                                              | –                 |

`trail.py` says what an edit is, how edits are applied and undone. `simplifying.py` turns traditional into
simplified characters, but for `protected_terms.toml`. `fields.py` reads number, dynasty, cave, keeper … off a
figure's own texts, as a profile (`profiles.py`, `profiles/*.toml`) says.
"""
