"""Inside a catalogue entry: which of its pictures is the photograph that a `图：` line names."""

from __future__ import annotations

from collections.abc import Sequence

from alignment.entry_spans import Placed, get_picture
from alignment.regions import Block
from extractors.geometry import area, centre, gap
from extractors.records import Colour, Tones

# A backdrop is told from a ground of the textile by a quarter of a channel, and by a fair lead.
STRANGE_COLOUR, SURE_LIKENESS = 60.0, 0.1
# What is cut out of a pattern has its ground to within what JPEG does to it; a photograph of the textile may.
SAME_GROUND, SAME_GROUND_SHARE, CLEAR_LEAD = 8, 0.5, 2.0
PAPER_WHITE, CUT_OUT, LEAST = 245, 1.5, 0.3
LIKENESS_NATS = 6.0
# Studio backdrops are grey, or nearly; the ground of a textile mostly has a colour.
GREY, COLOURED_SHARE = 24, 0.7
# A detail is shown smaller than the piece that it is of, where one is much smaller.
DETAIL = 0.5


def match_photos(photos: Sequence[Placed], small: Sequence[Placed], pattern: Placed) -> dict[int, Placed]:
    """id of a placed picture → the `图：` line that names it: the one that shows an object on a ground of its
    own, else the nearest, later pictures first where several stand in one row (details are set before the
    piece that they come from)."""
    found: dict[int, Placed] = {}
    for photo in photos:
        free = [p for p in small if id(p) not in found]
        if not free or not photo.block:
            continue
        line = photo.block

        shown = _find_object(free, pattern)
        largest = max(area(get_picture(p).box) for p in free)

        def distance(
            p: Placed,
            photo: Placed = photo,
            line: Block = line,
            shown: Placed | None = shown,
            largest: float = largest,
        ) -> tuple[int, bool, float, bool, float]:
            box = get_picture(p).box
            away = gap(box, line.box) if p.page == photo.page else 0.0
            return (
                abs(p.page - photo.page),
                p is not shown,
                round(away / 20),
                area(box) < DETAIL * largest,
                -centre(box)[0] - centre(box)[1],
            )

        found[id(min(free, key=distance))] = photo
    return found


def _find_object(small: Sequence[Placed], pattern: Placed) -> Placed | None:
    """The picture that shows an object before a backdrop: its edge is of one colour, and not the pattern's.

    A detail is cut out of the pattern, so its edge has the pattern's ground or its motifs.
    """
    if len(small) < 2:
        return None
    ground = get_picture(pattern).tones
    likely = sorted((_likeness(get_picture(p).tones, ground), k) for k, p in enumerate(small))
    (second, _), (best, index) = likely[-2:]
    is_likely = best > LEAST or best > CLEAR_LEAD * second
    return small[index] if is_likely and best - second > SURE_LIKENESS else None


def measure_lead(chosen: Placed, small: Sequence[Placed], pattern: Placed) -> float:
    """By how much (nats) a picture looks more like an object before a backdrop than the others."""
    if len(small) < 2:
        return LIKENESS_NATS
    ground = get_picture(pattern).tones
    own = _likeness(get_picture(chosen).tones, ground)
    others = [_likeness(get_picture(p).tones, ground) for p in small if p is not chosen]
    return LIKENESS_NATS * max(0.0, own - max(others, default=0.0))


def _likeness(tones: Tones | None, ground: Tones | None) -> float:
    """How much (0–CUT_OUT) a picture looks like an object before a backdrop; `ground` is the pattern's."""
    if tones is None:
        return 0.0
    # The paper shows around what is cut out, and a detail fills its frame.
    shows_paper = max(min(tones.border), min(tones.main)) >= PAPER_WHITE
    if shows_paper and (ground is None or min(ground.main) < PAPER_WHITE):
        return CUT_OUT * tones.plain
    if ground is not None:
        # A backdrop may be most of what the picture shows, but it is not the pattern's ground.
        strange = tones.plain * min(1.0, _differ(tones.border, ground.main) / STRANGE_COLOUR)
        return strange * (SAME_GROUND_SHARE if has_ground(tones, ground) else 1.0)
    # A pattern that stands alone on its page has not been looked at: the backdrop is told from the object.
    alone = tones.plain * min(1.0, max(_differ(tones.border, tones.main) / STRANGE_COLOUR, tones.plain))
    return alone if is_grey(tones.border) else COLOURED_SHARE * alone


def has_ground(tones: Tones, of: Tones) -> bool:
    """Whether a picture is mostly of the colour that another is mostly of, as what is cut out of it is."""
    return _differ(tones.main, of.main) <= SAME_GROUND


def is_grey(colour: Colour) -> bool:
    """Whether a colour is grey, white, black, or nearly."""
    return max(colour) - min(colour) <= GREY


def _differ(a: Colour, b: Colour) -> int:
    return max(abs(p - q) for p, q in zip(a, b, strict=True))
