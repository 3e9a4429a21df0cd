"""A scanned page → upright lines and figures: what is a figure, what is not, and where."""

from __future__ import annotations

from unicodedata import category, numeric

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_making import DPI, PAPER, Sheet, make_line_drawing, make_pattern, make_photo, make_seal, to_px

from extractors.deskew import estimate_skew, turn_upright
from extractors.geometry import iou, to_page_frame
from extractors.line_boxes import join_parts
from extractors.ocr import OcrEngine, load_engine
from extractors.records import Box
from extractors.scan import read_scan, read_text
from extractors.segmentation import Segmentation, find_figures


def segment(sheet: Sheet, text: list[Box] | None = None, **scanning: float) -> Segmentation:
    """`find_figures` with boxes in points; `text` are the lines' boxes in points."""
    scale = DPI / 72
    raster = sheet.scan(**scanning)  # type: ignore[arg-type]
    lines = [(a * scale, b * scale, c * scale, d * scale) for a, b, c, d in text or []]
    return find_figures(raster, DPI, lines)


def in_points(segmentation: Segmentation) -> list[Box]:
    """The figures' boxes in points."""
    s = 72 / DPI
    return [(f.box[0] * s, f.box[1] * s, f.box[2] * s, f.box[3] * s) for f in segmentation.figures]


def body_boxes(lines: int, x: float, y: float, width: float, size: float = 11.0) -> list[Box]:
    """The boxes of `Sheet.write_body`."""
    return [(x, y + k * size * 1.7, x + width, y + k * size * 1.7 + size) for k in range(lines)]


@pytest.mark.parametrize("angle", [-4.2, -0.6, 0.0, 1.7, 4.8])
def test_skew_is_measured(angle: float) -> None:
    sheet = Sheet().write_body(20, 50, 60, 320)
    assert abs(estimate_skew(sheet.scan(skew=angle, noise=6), DPI) - angle) < 0.1


def test_skew_of_a_blank_page_is_none() -> None:
    assert estimate_skew(Sheet().scan(noise=8), DPI) == 0.0


PICTURES = {
    "photograph": make_photo(220, 160),
    "pattern on a dark ground": make_pattern(220, 160, (52, 88, 92)),
    "pattern on a light ground": make_pattern(220, 160, (250, 246, 236)),
    "line drawing": make_line_drawing(200, 200),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_among_text_is_a_figure(name: str) -> None:
    picture = PICTURES[name]
    sheet = Sheet().write_body(5, 50, 40, 320).paste(picture, 90, 150).write_body(8, 50, 420, 320)
    text = body_boxes(5, 50, 40, 320) + body_boxes(8, 50, 420, 320)
    box = (90, 150, 90 + picture.shape[1] * 72 / DPI, 150 + picture.shape[0] * 72 / DPI)
    found = in_points(segment(sheet, text, noise=5, jpeg=70))
    assert len(found) == 1 and iou(found[0], box) > 0.9


def test_a_plate_that_fills_the_sheet_is_a_figure() -> None:
    found = in_points(segment(Sheet().paste(make_photo(420, 595), 0, 0)))
    assert len(found) == 1 and iou(found[0], (0, 0, 420, 595)) > 0.97


def test_two_pictures_side_by_side_are_two_figures() -> None:
    sheet = Sheet().paste(make_photo(150, 120, 1), 40, 80).paste(make_photo(150, 120, 2), 205, 80)
    found = sorted(in_points(segment(sheet, noise=4)))
    assert len(found) == 2
    assert iou(found[0], (40, 80, 190, 200)) > 0.9 and iou(found[1], (205, 80, 355, 200)) > 0.9


def test_photographs_that_meet_at_their_corners_are_two_figures() -> None:
    boxes = [(40, 80, 190, 200), (194, 80, 344, 200), (40, 204, 190, 324)]
    sheet = Sheet()
    for k, (x0, y0, x1, y1) in enumerate(boxes):
        sheet.paste(make_photo(x1 - x0, y1 - y0, k), x0, y0)
    assert len(in_points(segment(sheet, noise=4))) == 3


def test_a_line_that_was_overlooked_is_no_part_of_the_photograph_above_it() -> None:
    sheet = Sheet().paste(make_photo(200, 150), 60, 80).paste(make_photo(200, 150, 2), 120, 249)
    sheet.write("团窠对凤纹锦的局部", 90, 233, 9)
    upper, lower = sorted(in_points(segment(sheet, noise=4)), key=lambda box: box[1])
    assert iou(upper, (60, 80, 260, 230)) > 0.96 and iou(lower, (120, 249, 320, 399)) > 0.96


def test_text_rules_and_sheet_edges_are_no_figures() -> None:
    sheet = Sheet().write_body(24, 50, 60, 320)
    sheet.draw.rectangle((0, 0, to_px(10), to_px(595)), fill=(12, 12, 12))
    sheet.draw.rectangle((0, 0, to_px(420), to_px(8)), fill=(12, 12, 12))
    sheet.draw.line((to_px(50), to_px(520), to_px(370), to_px(520)), fill=(0, 0, 0), width=3)
    found = segment(sheet, body_boxes(24, 50, 60, 320), noise=5)
    assert found.figures == ()
    assert len(found.rules) == 1


@pytest.mark.parametrize("angle", [-1.6, 1.3])
def test_a_sheet_that_lies_askew_on_a_ground_is_no_figure(angle: float) -> None:
    """The ground shows as wedges along the sides, and at a gutter the sheet goes into the dark."""
    sheet = Sheet().paste(make_photo(200, 150), 120, 120).write_body(10, 60, 340, 300)
    raster = sheet.scan()
    dark = np.interp(np.arange(raster.shape[1]), (0, to_px(40)), (0.2, 1.0))
    raster = (raster * dark[None, :, None]).astype(np.uint8)
    around = (to_px(14), to_px(10), 0, to_px(16))
    raster = cv2.copyMakeBorder(raster, *around, cv2.BORDER_CONSTANT, value=(202, 198, 188))
    height, width = raster.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(raster, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    upright = turn_upright(turned, estimate_skew(turned, DPI))
    scale = DPI / 72
    text = [
        tuple((v + 14 * (n % 2)) * scale for n, v in enumerate(box)) for box in body_boxes(10, 60, 340, 300)
    ]
    (found,) = in_points(find_figures(upright, DPI, text))
    assert iou(found, (120, 134, 320, 284)) > 0.9


@pytest.mark.parametrize("size", [(140, 120), (150, 420)])
def test_lines_around_a_page_are_no_figure(size: tuple[int, int]) -> None:
    sheet = Sheet().paste(make_photo(*size), 60, 80).write_body(6, 220, 80, 130)
    sheet.draw.rectangle([to_px(v) for v in (40, 40, 380, 555)], outline=(90, 80, 70), width=2)
    (found,) = in_points(segment(sheet, body_boxes(6, 220, 80, 130), noise=3))
    assert iou(found, (60, 80, 60 + size[0], 80 + size[1])) > 0.95


def test_writing_on_a_scroll_is_a_figure_and_text_on_a_tint_is_none() -> None:
    sheet = Sheet().write_body(5, 60, 440, 300)
    text = body_boxes(5, 60, 440, 300)
    sheet.draw.rectangle([to_px(v) for v in (60, 60, 180, 400)], fill=(222, 205, 168))
    for x in (70, 130):
        sheet.write_column("山静似太古日长", x, 70, 42)
        text.append((x, 70, x + 42, 70 + 7 * 44.1))
    sheet.draw.rectangle([to_px(v) for v in (210, 60, 380, 250)], fill=(222, 205, 168))
    sheet.write("织机与花本", 220, 70, 20).write_body(8, 220, 105, 150)
    text += [(220.0, 70.0, 320.0, 90.0), *body_boxes(8, 220, 105, 150)]
    (found,) = in_points(segment(sheet, text, noise=2))
    assert iou(found, (60, 60, 180, 400)) > 0.95


def test_a_smooth_object_in_soft_light_is_a_figure_and_a_bar_of_one_tint_is_none() -> None:
    sheet = Sheet().write_body(6, 60, 400, 300)
    light = np.linspace(90, 210, to_px(90)).astype(np.uint8)
    vase = np.repeat(np.stack([light, light, np.minimum(light, 150)], axis=1)[None], to_px(200), axis=0)
    sheet.paste(vase, 80, 100)
    sheet.draw.rectangle([to_px(v) for v in (220, 100, 300, 300)], fill=(150, 120, 80))
    (found,) = in_points(segment(sheet, body_boxes(6, 60, 400, 300)))
    assert iou(found, (80, 100, 170, 300)) > 0.95


def test_black_beside_the_sheet_does_not_reach_for_a_picture() -> None:
    sheet = Sheet().paste(make_photo(200, 150), 120, 80).write_body(10, 50, 330, 320)
    for box in ((0, 0, 14, 595), (0, 0, 420, 12), (408, 0, 420, 595), (0, 585, 420, 595)):
        sheet.draw.rectangle([to_px(v) for v in box], fill=(14, 13, 12))
    found = in_points(segment(sheet, body_boxes(10, 50, 330, 320), noise=5))
    assert len(found) == 1 and iou(found[0], (120, 80, 320, 230)) > 0.9


def test_a_light_plaster_wall_is_a_figure_and_not_paper() -> None:
    rng = np.random.default_rng(5)
    cloud = cv2.resize(rng.normal(0, 1, (24, 18)), (to_px(300), to_px(400)), interpolation=cv2.INTER_CUBIC)
    wall = np.clip(np.array([228, 216, 190]) + 9 * cloud[:, :, None], 0, 255).astype(np.uint8)
    for k in range(5):
        cv2.circle(wall, (to_px(60 + 45 * k), to_px(100 + 50 * k)), to_px(20), (120, 60, 50), -1)
    sheet = Sheet().paste(wall, 60, 50).write("三五　说法图", 60, 470, 11)
    found = in_points(segment(sheet, [(60, 470, 126, 481)], noise=4))
    assert len(found) == 1 and iou(found[0], (60, 50, 360, 450)) > 0.9


def test_white_type_on_black_paper_leaves_the_picture_its_box() -> None:
    sheet = Sheet(paper=(16, 16, 18)).paste(make_photo(260, 200), 80, 100)
    sheet.write("图七　凤纹边饰", 80, 315, 11, (235, 235, 230))
    found = in_points(segment(sheet, [(80, 315, 157, 326)], noise=3))
    assert len(found) == 1 and iou(found[0], (80, 100, 340, 300)) > 0.9


def test_a_table_and_a_frame_are_no_figures() -> None:
    sheet, text = Sheet(), []
    for row in range(6):
        for column in range(4):
            x, y = 60 + 75 * column, 100 + 26 * row
            sheet.draw.rectangle((to_px(x), to_px(y), to_px(x + 75), to_px(y + 26)), outline=(20, 20, 20))
            sheet.write("纹样", x + 8, y + 8, 10)
            text.append((x + 8, y + 8, x + 28, y + 18))
    sheet.draw.rectangle((to_px(20), to_px(20), to_px(400), to_px(575)), outline=(120, 30, 30), width=4)
    assert segment(sheet, text, noise=4).figures == ()


def test_a_seal_is_no_figure() -> None:
    sheet = Sheet().write_body(20, 50, 60, 320)
    seal = make_seal(90)
    sheet.image.paste(seal, (to_px(250), to_px(330)), seal)
    assert segment(sheet, body_boxes(20, 50, 60, 320), noise=4).figures == ()


@settings(max_examples=12, deadline=None)
@given(st.floats(20, 200), st.floats(20, 300), st.floats(60, 200), st.floats(60, 200), st.integers(0, 5))
def test_boxes_lie_within_the_page(x: float, y: float, w: float, h: float, seed: int) -> None:
    found = segment(Sheet().paste(make_photo(w, h, seed), x, y), noise=3)
    assert found.figures
    for box in [f.box for f in (*found.figures, *found.dropped)] + list(found.rules):
        assert 0 <= box[0] < box[2] <= to_px(420) and 0 <= box[1] < box[3] <= to_px(595)


@pytest.fixture(scope="session")
def engine() -> OcrEngine:
    return load_engine()


def make_page() -> Sheet:
    """A plate with a caption under it, a column beside it and a paragraph."""
    sheet = Sheet().paste(make_photo(240, 200), 90, 60).write("图三　唐代联珠对鸟纹锦", 120, 272, 11)
    return sheet.write_column("第一六九窟左侧", 350, 80, 13).write_body(6, 50, 330, 320)


def test_a_scan_is_read_upright_and_in_points(engine: OcrEngine) -> None:
    reading = read_scan(make_page().scan(skew=2.5, noise=5, jpeg=70), 420, 595, DPI, engine)
    assert abs(reading.skew - 2.5) < 0.1
    assert len(reading.pictures) == 1 and iou(reading.pictures[0].box, (90, 60, 330, 260)) > 0.9
    assert reading.pictures[0].kind == "scan" and reading.pictures[0].fingerprint.startswith("scan:")
    by_text = {line.text: line for line in reading.lines}
    caption = by_text["图三　唐代联珠对鸟纹锦"]
    assert iou(caption.box, (120, 272, 120 + 11 * 11, 283)) > 0.6 and abs(caption.size - 11) < 2
    assert caption.source == "ocr" and caption.confidence is not None and caption.confidence > 0.8
    assert by_text["第一六九窟左侧"].direction == "vertical"
    assert len(reading.lines) == 8
    # Back on the page as it was scanned, the figure is around where it lies turned.
    back = to_page_frame(reading.pictures[0].box, reading.skew, 420, 595)
    assert iou(back, to_page_frame((90, 60, 330, 260), 2.5, 420, 595)) > 0.9


def test_known_pictures_are_masked_before_reading(engine: OcrEngine) -> None:
    sheet = Sheet(300, 200).write("不读此处文字", 40, 40, 14).write("只读此处文字", 40, 120, 14)
    masks = [(float(to_px(20)), float(to_px(20)), float(to_px(280)), float(to_px(80)))]
    lines = read_text(sheet.scan(), masks, 300, 200, DPI, engine)
    assert [line.text for line in lines] == ["只读此处文字"]


def test_reading_twice_gives_the_same(engine: OcrEngine) -> None:
    raster = np.ascontiguousarray(make_page().scan(noise=5)[: to_px(300)])
    assert read_scan(raster, 420, 300, DPI, engine) == read_scan(raster, 420, 300, DPI, engine)
    assert tuple(int(v) for v in raster[-1, -1]) != PAPER


def test_of_what_stands_in_a_picture_only_badge_and_caption_are_read(engine: OcrEngine) -> None:
    photo = make_photo(300, 300, 4)
    cv2.circle(photo, (to_px(30), to_px(30)), to_px(9), (250, 250, 250), -1)
    sheet = Sheet(400, 420).paste(photo, 50, 40).write("5", 76, 63, 13)
    sheet.draw.rectangle([to_px(v) for v in (50, 316, 350, 340)], fill=(20, 20, 22))
    sheet.write("图版二三　说法图", 60, 320, 14, (250, 250, 250))
    sheet.write("寺壁题记不是说明", 120, 180, 14, (250, 250, 250))
    # Badges are sought where a list numbers them.
    sheet.write("5 主尊", 50, 360, 12).write("6 胁侍", 50, 380, 12)
    reading = read_scan(sheet.scan(noise=3), 400, 420, DPI, engine)
    # The band under the picture carries its caption and is no part of it.
    assert len(reading.pictures) == 1 and iou(reading.pictures[0].box, (50, 40, 350, 316)) > 0.96
    assert {line.text for line in reading.lines} == {"5主尊", "6胁侍", "5", "图版二三　说法图"}


@pytest.mark.parametrize("ink", ["white on black", "black on white"])
def test_numbers_on_discs_are_read_before_captions_and_in_pictures(engine: OcrEngine, ink: str) -> None:
    disc, digit = (
        ((15, 15, 15), (250, 250, 250)) if ink == "white on black" else ((250, 250, 250), (15, 15, 15))
    )
    sheet = Sheet(400, 420).paste(make_photo(140, 150, 4), 40, 40).paste(make_photo(140, 150, 5), 220, 40)
    places = [(52.0, 178.0), (232.0, 178.0), (48.0, 226.0), (48.0, 246.0)]
    for (x, y), number in zip(places, "1212", strict=True):
        sheet.draw.ellipse([to_px(v) for v in (x - 6, y - 6, x + 6, y + 6)], fill=disc, outline=(15, 15, 15))
        sheet.write(number, x - 2.5, y - 4.5, 9, digit)
    sheet.write("唐代联珠对鸟纹锦", 60, 220, 11).write("北朝方格兽纹锦", 60, 240, 11)
    reading = read_scan(sheet.scan(noise=3), 400, 420, DPI, engine)
    assert len(reading.pictures) == 2
    # Engines may read the disc as well: ➊.
    texts = {
        "".join(f"{numeric(c):.0f}" if category(c) == "No" else c for c in line.text if not c.isspace())
        for line in reading.lines
    }
    assert {"1唐代联珠对鸟纹锦", "2北朝方格兽纹锦"} <= texts
    inside = {line.text: line.box[0] for line in reading.lines if line.box[1] < 190}
    assert inside.keys() == {"1", "2"} and inside["1"] < 60 < 220 < inside["2"] < 240


def test_parts_of_one_line_are_joined_and_columns_are_not() -> None:
    number, title, body = (10, 10, 30, 32), (48, 9, 300, 33), (40, 60, 400, 80)
    assert join_parts([number, title, body]) == [(10, 9, 300, 33), body]
    left, right = (10, 10, 200, 30), (240, 10, 430, 30)
    assert join_parts([left, right]) == [left, right]
    upper, lower = (10, 10, 32, 54), (10, 70, 32, 260)
    assert join_parts([upper, lower]) == [(10, 10, 32, 260)]
