"""Reading born-digital pages: what is seen of pictures, what is text, what is neither."""

from __future__ import annotations

import pymupdf
import pytest
from pdf_making import encode, make_photo, new_page, place_image, save, write_lines
from PIL import Image

from extractors.errors import DamagedDocument, DocumentMissing, NotAPdf, PasswordNeeded
from extractors.legibility import is_illegible
from extractors.reader import ReadSettings, open_document, read_pages, render_page
from extractors.records import Page

BODY = [
    "这是一段正文，说的是纹样的来历与织造的方法，",
    "行行相接，每行都有同样的长度，直到段落结束，",
    "读者由此知道它的年代。",
]


def read(path, numbers=(1,), password="") -> list[Page]:
    info = open_document(path, password)
    return list(read_pages(path, info, numbers, ReadSettings(), password))


def approx(box, tolerance=1.0):
    return pytest.approx(box, abs=tolerance)


def test_clip_leaves_the_visible_part(tmp_path):
    document, page = new_page()
    place_image(page, encode(make_photo()), "q 100 300 150 100 re W n q 300 0 0 300 50 200 cm /Im Do Q Q")
    write_lines(page, 60, 60, BODY)
    (found,) = read(save(document, tmp_path))
    assert [p.box for p in found.pictures] == [approx((100, 200, 250, 300))]


def test_strips_and_tiles_are_one_picture(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 40, BODY)
    photo = make_photo(200, 200)
    for row in range(2):
        for column in range(2):
            piece = photo.crop((100 * column, 100 * row, 100 * column + 100, 100 * row + 100))
            x, y = 80 + 120 * column, 200 + 120 * row
            page.insert_image(pymupdf.Rect(x, y, x + 120, y + 120), stream=encode(piece))
    (found,) = read(save(document, tmp_path))
    assert [p.box for p in found.pictures] == [approx((80, 200, 320, 440))]


def test_pictures_side_by_side_with_a_gap_stay_apart(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 40, BODY)
    page.insert_image(
        pymupdf.Rect(60, 200, 180, 300), stream=encode(make_photo(seed=1)), keep_proportion=False
    )
    page.insert_image(
        pymupdf.Rect(190, 200, 310, 300), stream=encode(make_photo(seed=2)), keep_proportion=False
    )
    (found,) = read(save(document, tmp_path))
    assert len(found.pictures) == 2


def test_ground_under_a_page_of_text_is_dropped_with_its_reason(tmp_path):
    document, page = new_page()
    page.insert_image(page.rect, stream=encode(make_photo()), keep_proportion=False)
    write_lines(page, 60, 60, BODY * 6)
    (found,) = read(save(document, tmp_path))
    assert not found.pictures
    assert "page background under text" in {d.reason for d in found.dropped}


def test_full_page_plate_with_its_caption_is_a_picture(tmp_path):
    document, page = new_page()
    page.insert_image(page.rect, stream=encode(make_photo()), keep_proportion=False)
    write_lines(
        page,
        60,
        580,
        ["一六　伎乐天　西秦　第一六九窟六号龛左侧，绘于龛顶，飘带当风，色彩如新"],
    )
    (found,) = read(save(document, tmp_path))
    assert [p.coverage for p in found.pictures] == [pytest.approx(1.0)]
    assert found.source == "born-digital"


def test_boxes_follow_the_page_as_it_is_read(tmp_path):
    """Rotation and crop box: the box is where the reader of the page sees the picture."""
    document, page = new_page(400, 600)
    page.insert_image(pymupdf.Rect(100, 100, 200, 150), stream=encode(make_photo()), keep_proportion=False)
    write_lines(page, 60, 300, BODY)
    page.insert_text((110, 165), "图一　莲花", fontname="china-s", fontsize=9)
    page.set_cropbox(pymupdf.Rect(50, 50, 350, 550))
    page.set_rotation(90)
    path = save(document, tmp_path)
    (found,) = read(path)
    # The caption stands below the picture on the page as it was made: left of it, now that it is turned.
    (caption,) = [line for line in found.lines if "莲花" in line.text]
    assert caption.box[0] == approx(383, 3) and caption.box[1] == approx(60, 3)
    assert (found.width, found.height) == (500, 300)
    (picture,) = found.pictures
    assert picture.box == approx((400, 50, 450, 150))
    image = render_page(path, 1, 72)
    x0, y0, x1, y1 = (round(v) for v in picture.box)
    assert image[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3].std() > 20
    assert image[y0 + 3 : y1 - 3, x1 + 5 : x1 + 40].std() < 1


def test_transparent_margin_is_not_part_of_the_picture(tmp_path):
    cut_out = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    cut_out.paste(make_photo(100, 50), (50, 100))
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    page.insert_image(pymupdf.Rect(100, 200, 300, 400), stream=encode(cut_out, "PNG"))
    (found,) = read(save(document, tmp_path))
    assert [p.box for p in found.pictures] == [approx((150, 300, 250, 350), 2)]


def test_vector_figure_is_found_and_underline_is_a_rule(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, ["图：妆金海东青逐兔纹胸背袍", *BODY])
    page.draw_line((60, 63), (190, 63), width=0.6)
    for step in range(12):
        page.draw_bezier((100, 300), (140, 220 + 8 * step), (220, 380 - 8 * step), (280, 300), width=0.5)
    (found,) = read(save(document, tmp_path))
    assert [p.kind for p in found.pictures] == ["drawing"]
    assert found.pictures[0].box[0] == pytest.approx(100, abs=3)
    assert any(r[1] == pytest.approx(62.7, abs=1) for r in found.rules)


def test_table_is_no_figure(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    for i in range(5):
        page.draw_line((60, 200 + 24 * i), (340, 200 + 24 * i), width=0.6)
        page.draw_line((60 + 70 * i, 200), (60 + 70 * i, 296), width=0.6)
        if i < 4:
            for j in range(4):
                page.insert_text((66 + 70 * j, 216 + 24 * i), f"格{i}{j}", fontname="china-s", fontsize=9)
    (found,) = read(save(document, tmp_path))
    assert not found.pictures
    assert "table" in {d.reason for d in found.dropped}


def test_a_form_to_be_filled_in_is_no_figure(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    for row in range(8):
        for left, right in ((60, 130), (130, 340)):
            page.draw_rect((left, 200 + 24 * row, right, 224 + 24 * row), width=0.6)
    (found,) = read(save(document, tmp_path))
    assert not found.pictures


def test_a_draft_of_filled_squares_is_a_figure(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    for n in range(64):
        x, y = 100 + 16 * (n % 8), 200 + 16 * (n // 8)
        page.draw_rect((x, y, x + 16, y + 16), width=0.6, fill=(0, 0, 0) if n % 3 == 0 else None)
    (found,) = read(save(document, tmp_path))
    assert [p.kind for p in found.pictures] == ["drawing"]


@pytest.mark.parametrize("reader", ["pymupdf", "pdfplumber"])
def test_a_rule_between_cells_parts_what_stands_on_one_line(tmp_path, reader):
    document, page = new_page()
    for row in range(3):
        y = 100 + 20 * row
        page.insert_text((60, y), "只须两把梭子", fontname="china-s", fontsize=10)
        page.insert_text((126, y), "实物照片", fontname="china-s", fontsize=9)
    page.draw_line((123, 80), (123, 160), width=0.6)
    path = save(document, tmp_path)
    (found,) = read_pages(path, open_document(path), [1], ReadSettings(reader=reader))
    assert [line.text for line in found.lines].count("只须两把梭子") == 3


def test_ideographic_spaces_stay_and_columns_part(tmp_path):
    document, page = new_page()
    write_lines(page, 40, 100, ["一六　伎乐天　西秦　第一六九窟"])
    for row in range(4):
        page.insert_text(
            (40, 200 + 15 * row), "左栏文字到这里为止共十六字呢", fontname="china-s", fontsize=10
        )
        page.insert_text(
            (210, 200 + 15 * row), "右栏文字到这里为止共十六字呢", fontname="china-s", fontsize=10
        )
    (found,) = read(save(document, tmp_path))
    texts = [line.text for line in found.lines]
    assert "一六　伎乐天　西秦　第一六九窟" in texts
    assert texts.count("左栏文字到这里为止共十六字呢") == 4
    assert texts.count("右栏文字到这里为止共十六字呢") == 4


def test_column_of_glyphs_is_one_vertical_line(tmp_path):
    document, page = new_page()
    write_lines(page, 40, 400, BODY)
    for index, character in enumerate("一六　伎乐天　西秦"):
        page.insert_text((350, 60 + 13 * index), character, fontname="china-s", fontsize=12)
    (found,) = read(save(document, tmp_path))
    vertical = [line for line in found.lines if line.direction == "vertical"]
    assert [line.text for line in vertical] == ["一六　伎乐天　西秦"]


def test_hidden_text_layer_is_read_anew(tmp_path):
    """A scan with an invisible layer of wrong text: what the page shows counts, read by OCR."""
    made, page = new_page(300, 300)
    write_lines(page, 30, 60, ["图一　莲花纹锦"], size=16)
    page.insert_image(pymupdf.Rect(40, 100, 260, 260), stream=encode(make_photo()), keep_proportion=False)
    raster = page.get_pixmap(dpi=150).tobytes("jpeg")
    made.close()
    document, page = new_page(300, 300)
    page.insert_image(page.rect, stream=raster)
    page.insert_text((30, 60), "错误的文字层", fontname="china-s", fontsize=16, render_mode=3)
    (found,) = read(save(document, tmp_path))
    assert found.source == "scan"
    assert "莲花" in "".join(line.text for line in found.lines)
    assert "错误" not in "".join(line.text for line in found.lines)
    assert any("hidden text layer" in d.reason for d in found.dropped)


@pytest.mark.parametrize(
    "text",
    [
        "團窠對鹿紋錦，唐，青海都蘭出土",
        "The façade of the café, Paris 1890",
        "图版三　供养菩萨　北魏",
        "12 × 34 cm · №7",
        "目录…………………………12",
        "敦煌 Dūnhuáng, 莫高窟 Mògāo kū",
        "Avalokiteśvara, Kāśyapa; Łódź 1990",
    ],
)
def test_print_is_legible(text):
    assert not is_illegible(text)


@pytest.mark.parametrize(
    "text",
    [
        "\ufffd3-15\ufffd´µ¶™·…¸¹º»¼½»‹",
        "\ufffd\ufffd\ufffd纹",
        "\ue001\ue002\ue003\ue004",
        "Í¼°æÈý ¹©ÑøÆÐÈø",
        "ĘĴŕÐƪį",
        "\x01\x02\x03\x04ab",
    ],
)
def test_noise_is_illegible(text):
    assert is_illegible(text)


def test_signs_that_a_font_numbers_by_itself_are_read_by_ocr(tmp_path):
    """As typesetters of book houses make them: `!` is drawn as a comma, `#` as 1. Han say what they are."""
    document, page = new_page()
    text = ['唐代莲花!宝相花!团花都有"', '图#!图$所示的!都是织锦"', '藏于库中!未曾展出!保存完好"']
    for n, line in enumerate(text):
        for k, sign in enumerate(line):
            font = "helv" if sign.isascii() else "china-s"
            page.insert_text((40 + 16 * k, 100 + 30 * n), sign, fontname=font, fontsize=16)
    (font,) = (f[0] for f in page.get_fonts() if f[3] == "Helvetica")
    names = document.get_new_xref()
    document.update_object(names, "<<>>")
    listed = "".join(f"<{c:02x}><00{c:02x}>\n" for c in range(33, 37))
    table = (
        f"begincmap 1 begincodespacerange <00><ff> endcodespacerange 4 beginbfchar {listed} endbfchar endcmap"
    )
    document.update_stream(names, table.encode())
    document.xref_set_key(font, "Encoding", "<</Type/Encoding/Differences[33/comma/period/one/two]>>")
    document.xref_set_key(font, "ToUnicode", f"{names} 0 R")
    (found,) = read(save(document, tmp_path))
    assert {line.source for line in found.lines} == {"ocr"}
    assert "图1" in "".join(line.text for line in found.lines)
    assert any("without usable Unicode" in d.reason for d in found.dropped)


def test_shouting_is_no_misread_punctuation(tmp_path):
    document, page = new_page()
    write_lines(page, 40, 100, ["好!真好!", "快来看,快来看!这是织锦!", "“好!”他说。", "他说:买!", "走!"])
    (found,) = read(save(document, tmp_path))
    assert {line.source for line in found.lines} == {"layer"}


def test_bad_files_say_in_one_line_what_is_wrong(tmp_path):
    empty, text, damaged = tmp_path / "empty.pdf", tmp_path / "text.pdf", tmp_path / "damaged.pdf"
    empty.write_bytes(b"")
    text.write_text("not a book")
    damaged.write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 50)
    cases = [(empty, NotAPdf, "empty"), (text, NotAPdf, "not a PDF"), (damaged, DamagedDocument, "")]
    cases.append((tmp_path / "none.pdf", DocumentMissing, "no such file"))
    for path, kind, words in cases:
        with pytest.raises(kind) as caught:
            open_document(path)
        message = str(caught.value)
        assert path.name in message and words in message and "\n" not in message


def test_zero_pages_is_damage(tmp_path):
    path = tmp_path / "none.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    with pytest.raises(DamagedDocument, match="no page"):
        open_document(path)


def test_password_opens_what_is_encrypted(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    path = save(document, tmp_path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="丝绸", owner_pw="o")
    for wrong in ("", "nope"):
        with pytest.raises(PasswordNeeded, match="password"):
            open_document(path, wrong)
    (found,) = read(path, password="丝绸")
    assert found.lines[0].text == BODY[0]


def test_one_damaged_page_leaves_the_others(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    document.new_page()
    document.xref_set_key(document.page_xref(1), "MediaBox", "[0 0 1000000000 1000000000]")
    found = read(save(document, tmp_path), (1, 2))
    assert not found[0].error and found[0].lines
    assert found[1].error and "\n" not in found[1].error


def test_reading_twice_gives_the_same_records(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 60, BODY)
    page.insert_image(pymupdf.Rect(100, 200, 300, 350), stream=encode(make_photo()), keep_proportion=False)
    path = save(document, tmp_path)
    assert read(path) == read(path)


def test_same_image_has_the_same_fingerprint_on_every_page(tmp_path):
    document = pymupdf.open()
    data = encode(make_photo())
    for number in range(2):
        page = document.new_page(width=400, height=600)
        write_lines(page, 60, 60, BODY)
        page.insert_image(
            pymupdf.Rect(100, 200 + number, 300, 350 + number), stream=data, keep_proportion=False
        )
    first, second = read(save(document, tmp_path), (1, 2))
    assert first.pictures[0].fingerprint == second.pictures[0].fingerprint != ""


def test_tones_tell_a_backdrop_from_a_motif_that_is_cut(tmp_path):
    garment = Image.new("RGB", (300, 300), (200, 200, 205))
    garment.paste((150, 30, 40), (80, 60, 220, 260))
    document, page = new_page()
    page.insert_image(pymupdf.Rect(40, 100, 190, 250), stream=encode(garment, "PNG"))
    page.insert_image(pymupdf.Rect(210, 100, 360, 250), stream=encode(make_photo(300, 300)))
    write_lines(page, 60, 300, BODY)
    (found,) = read(save(document, tmp_path))
    object_, motif = (p.tones for p in sorted(found.pictures, key=lambda p: p.box[0]))
    assert object_.plain > 0.95 and object_.border == approx((200, 200, 205), 4)
    assert motif.plain < 0.6


def test_text_of_a_page_stored_turned_is_read_as_it_is_seen(tmp_path):
    """Landscape pages are often stored on their side, with a rotation that puts them upright."""
    document, page = new_page(400, 600)
    page.insert_text((100, 500), "图1　海东青逐兔纹", fontname="china-s", fontsize=10, rotate=90)
    photo = encode(make_photo())
    page.insert_image(pymupdf.Rect(100, 100, 300, 400), stream=photo, keep_proportion=False)
    page.set_rotation(90)
    (found,) = read(save(document, tmp_path))
    (line,) = found.lines
    assert (line.text, line.direction) == ("图1　海东青逐兔纹", "horizontal")
    x0, y0, x1, y1 = line.box
    assert 0 <= x0 < x1 <= found.width and 0 <= y0 < y1 <= found.height
    assert y1 - y0 == approx(10, 1)


def test_text_that_a_program_replaces_for_reading_aloud_is_read_as_printed(tmp_path):
    document, page = new_page()
    page.insert_text((60, 100), "Fig. 1 Histogram", fontsize=10)
    (xref,) = page.get_contents()
    printed = document.xref_stream(xref)
    document.update_stream(xref, b"/Span <</ActualText <FEFF>>> BDC " + printed + b" EMC")
    (found,) = read(save(document, tmp_path))
    assert [line.text for line in found.lines] == ["Fig. 1 Histogram"]
