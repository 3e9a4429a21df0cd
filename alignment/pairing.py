"""Pages → pairs of a book: the order in which the evidence is used, and the records that come out.

1. running heads, folios and ornaments are found over the whole book, roles of texts on each page;
2. figures and captions are matched page by page (assignment), the book's habits learned from the sure ones;
3. catalogue entries claim the pictures that have no caption of their own;
4. plates and captions left over are matched across facing pages, halves of a spread share theirs; lists by
   page, then texts set into pictures, are those of pictures that still have none;
5. notes on the plates join their plates by number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from alignment.adoption import adopt_left_over
from alignment.assignment import match_pages
from alignment.bare_numbers import complete, find_list_items, match_bare_numbers
from alignment.caption_boxes import match_caption_boxes
from alignment.claims import SURE_SCORE, claim, find_labelled, leave_out_keyed
from alignment.composition import Draft, draft_entry, draft_match, make_pair
from alignment.confidence import describe_drafts, estimate
from alignment.costs import Habits
from alignment.entries import Entry, find_entries
from alignment.entry_texts import share_texts
from alignment.facing import match_facing
from alignment.headed_groups import join_headed_groups
from alignment.headed_notes import HeadedNote, find_headed_notes, find_note
from alignment.inside import match_inside
from alignment.kinds import decide_kinds
from alignment.layout import PageLayout, find_body_size, find_layouts
from alignment.legends import add_legends
from alignment.matches import Match
from alignment.notes import find_notes
from alignment.page_lists import match_page_lists
from alignment.page_titles import add_page_titles
from alignment.records import BookAlignment, MachinePair, Region, Series
from alignment.spreads import share_spreads
from alignment.text.odd_characters import count_odd_characters, describe_odd_characters
from alignment.text.profiles import Profile, find_profile
from alignment.texts import find_title
from extractors.geometry import overlap_share
from extractors.records import Box, Dropped, Page

MIN_LISTED, MIN_KEYED, TITLE_WITHIN = 3, 4, 12
# Emblems and drawn letters stand on the paper's white and are no higher than a line or two of headings.
SMALL_SHARE, PAPER_WHITE, PLAIN_EDGE = 0.05, 240, 0.6


def align_book(
    pages: Sequence[Page], series: Series = "other", profile: Profile | None = None
) -> BookAlignment:
    """All figures of one book with their texts. `pages` are in order; a page with an error has none.

    Every picture of every page ends in exactly one pair or one `Dropped`. `profile` says what is printed with
    the figures, where it is another than the series'.
    """
    profile = profile or find_profile(series)
    readable = [p for p in pages if not p.error]
    layouts, headed = find_headed_notes(find_layouts(readable))
    body_size = find_body_size([b for layout in layouts for b in layout.blocks])
    found = match_pages(layouts, body_size)
    matches, habits = found.pages, found.habits
    entries = find_entries(
        [leave_out_keyed(layout, page) for layout, page in zip(layouts, matches, strict=True)],
        find_labelled(layouts, matches),
    )
    claimed = claim(entries, layouts, matches)
    matches = [
        [m for m in page if not any((layout.page.number, p.box) in claimed for p in m.pictures)]
        for layout, page in zip(layouts, matches, strict=True)
    ]
    matches, decorations = _drop_decorations(layouts, matches, habits)
    matches = match_bare_numbers(layouts, matches)
    matches = [match_caption_boxes(layout, page) for layout, page in zip(layouts, matches, strict=True)]
    # What is marked as a caption at the picture itself comes before what is printed on another page.
    matches = [
        match_inside(layout, page, habits, body_size, only_marked=True)
        for layout, page in zip(layouts, matches, strict=True)
    ]
    matches = share_spreads(layouts, match_facing(layouts, share_spreads(layouts, matches)))
    matches = match_page_lists(layouts, matches)
    matches = [
        match_inside(layout, page, habits, body_size) for layout, page in zip(layouts, matches, strict=True)
    ]
    told = {id(line) for page in matches for m in page if m.block for line in m.block.lines}
    drafts = [d for e in entries for d in _draft_entry(e, told, claimed)]
    shared = {id(line) for d in drafts for block, _ in d.texts for line in block.lines}
    by_number = {layout.page.number: layout for layout in layouts}
    for number, page in zip(by_number, matches, strict=True):
        captioned = (d for m in page for d in draft_match(number, m, by_number))
        drafts += [_add_entry_text(d, entries, told | shared) for d in captioned]
    drafts = add_legends(drafts, layouts)
    drafts = _add_notes(add_page_titles(drafts, layouts), layouts, headed)
    drafts = join_headed_groups(adopt_left_over(drafts, layouts), layouts)
    pages_by_number = {p.number: p for p in readable}
    pairs = [
        make_pair(pages_by_number, draft, features, estimate(features), series, profile, kind)
        for draft, features, kind in zip(
            drafts, describe_drafts(drafts, layouts), decide_kinds(drafts, layouts, profile), strict=True
        )
    ]
    pairs.sort(key=lambda p: (p.page, round(p.box[1]), round(p.box[0])))
    used = {(pair.page, part) for pair in pairs for part in pair.parts}
    odd = count_odd_characters(readable)
    return BookAlignment(
        pairs=tuple(pairs),
        regions=_all_regions(layouts, pairs),
        dropped=(
            *(d for layout in layouts for d in layout.dropped if (d.page, d.box) not in used),
            *decorations,
        ),
        notes=(*_describe(entries, habits, pairs), *describe_odd_characters(odd)),
        candidates=tuple(found.candidates),
        odd_characters=tuple(odd.items()),
    )


def _drop_decorations(
    layouts: Sequence[PageLayout], matches: Sequence[list[Match]], habits: Habits
) -> tuple[list[list[Match]], list[Dropped]]:
    """Where captions are marked throughout, a drawing without one is a vignette or a frame, and a small
    picture on the paper's white an emblem or a title set in letters that were drawn.

    Other pictures are kept: portraits and plates go without a caption in such books too.
    """
    if not habits.marks_captions:
        return list(matches), []
    kept: list[list[Match]] = []
    dropped: list[Dropped] = []
    for layout, page in zip(layouts, matches, strict=True):
        cells = [d.box for d in layout.dropped if d.reason == "table" and d.box]
        # What is shown in a table is no ornament of the page.
        loose = [m for m in page if not any(overlap_share(m.box, cell) > 0.9 for cell in cells)]
        loose = [m for m in loose if not any(p.box in layout.listed for p in m.pictures)]
        vignettes = [m for m in loose if _is_vignette(m) or _is_emblem(m)]
        kept.append([m for m in page if all(m is not v for v in vignettes)])
        for match in vignettes:
            reason = "drawing or emblem without a caption, where captions are marked"
            dropped += [Dropped(layout.page.number, "picture", reason, p.box) for p in match.pictures]
    return kept, dropped


def _is_vignette(match: Match) -> bool:
    style = match.block.mark.style if match.block and match.block.mark else "bare"
    unsure = match.block is None or (style in ("bare", "heading", "outline") and match.score < SURE_SCORE)
    return unsure and all(p.kind == "drawing" for p in match.pictures)


def _is_emblem(match: Match) -> bool:
    if match.block and match.block.mark:
        return False
    return all(
        p.coverage < SMALL_SHARE
        and p.tones is not None
        and min(p.tones.main) >= PAPER_WHITE
        # A photograph's sky may be white, but what lies along its edges differs.
        and p.tones.plain >= PLAIN_EDGE
        for p in match.pictures
    )


def _draft_entry(entry: Entry, told: Collection[int], claimed: Collection[tuple[int, Box]]) -> list[Draft]:
    """The entry's figures; pictures with captions of their own and what these say are left out.

    `told` are the ids of the lines: a title may be printed again at the same place of another page.
    """
    items = tuple(
        i
        for i in entry.items
        if ((i.page, i.picture.box) in claimed if i.picture else i.block and id(i.block.lines[0]) not in told)
    )
    own = replace(entry, items=items, label=None if id(entry.heading.lines[0]) in told else entry.label)
    return draft_entry(own, share_texts(own)) if own.pictures else []


def _add_entry_text(draft: Draft, entries: Sequence[Entry], told: Collection[int]) -> Draft:
    """The draft with the paragraphs of the entry that its label heads."""
    heads = {id(block.lines[0]) for block, role in draft.texts if role == "title"}
    entry = next((e for e in entries if id(e.heading.lines[0]) in heads), None)
    if entry is None:
        return draft
    body = [i.block for i in entry.items if i.block and i.role == "body" and id(i.block.lines[0]) not in told]
    return replace(draft, texts=(*draft.texts, *((block, "body") for block in body)))


def _add_notes(
    drafts: list[Draft], layouts: Sequence[PageLayout], headed: Sequence[HeadedNote]
) -> list[Draft]:
    """The drafts with the notes (`headed`) that have their numbers and titles, or else their numbers.

    A number without 图版 before it may be that of a list: it counts where no two figures share it, and only
    for a note that begins with the figure's own title, or where all of them have notes.
    """
    listed = [d.list_number for d in drafts if d.list_number is not None]
    is_catalogue = len(listed) >= MIN_LISTED and len(set(listed)) == len(listed)
    numbers = {d.plate_number for d in drafts if d.plate_number is not None}
    told = {id(line) for d in drafts for block, _ in d.texts for line in block.lines}
    notes = find_notes(layouts, numbers | set(listed) if is_catalogue else numbers, told)
    # One note for each of the numbers, as in no list of something else, needs no title.
    is_keyed = is_catalogue and len(listed) >= MIN_KEYED and set(listed) <= notes.keys()
    items = find_list_items(layouts)
    noted = []
    for bare in drafts:
        draft = bare
        own = next((b for b, role in draft.texts if role in ("caption", "title")), None)
        if own and (item := complete(own, items)):
            draft = replace(draft, texts=(*draft.texts, (item, "caption")))
        named = find_note(headed, own) if own else None
        note = notes.get(draft.plate_number or draft.list_number or 0)
        if named and not (note and note.blocks[0].lines[0] is named.blocks[0].lines[0]):
            noted.append(draft.with_note(named.blocks))
            continue
        if note and draft.plate_number is None:
            title = find_title(draft.texts[0][0].text).split()[0]
            is_titled = title in note.text[: len(title) + TITLE_WITHIN]
            note = note if is_keyed or (is_catalogue and is_titled) else None
        noted.append(draft.with_note(note.blocks) if note else draft)
    return noted


def _all_regions(layouts: Sequence[PageLayout], pairs: Sequence[MachinePair]) -> tuple[Region, ...]:
    """Every text region of the book; where a pair gave it a role, with that role."""
    given = {(r.page, r.box): r for p in pairs for r in p.texts}
    return tuple(
        given.get((b.page, b.box), Region(b.page, role, b.box, b.raw, b.confidence))
        for layout in layouts
        for b, role in zip(layout.blocks, layout.roles, strict=True)
    )


def _describe(entries: Sequence[Entry], habits: Habits, pairs: Sequence[MachinePair]) -> tuple[str, ...]:
    said = []
    if entries:
        said.append(f"{len(entries)} catalogue entries, from {entries[0].number} to {entries[-1].number}")
    for style, counts in sorted(habits.counts.items()):
        ordered = sorted(counts.items(), key=lambda count: -count[1])
        sides = ", ".join(f"{n:.0f} {side}" for side, n in ordered if n >= 1)
        if sides:
            said.append(f"captions of style {style} stand: {sides}")
    facing = sum(1 for p in pairs if p.rule.startswith("caption:facing-page"))
    if facing:
        said.append(f"{facing} plates have their caption on the facing page")
    noted = sum(1 for p in pairs if "+note" in p.rule)
    if noted:
        said.append(f"{noted} plates have a note elsewhere in the book, found by number")
    return tuple(said)
