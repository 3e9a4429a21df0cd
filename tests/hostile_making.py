"""PDFs that are made to crash, stall or fill what reads them, and such as would run or write something.

Each is a function without arguments that gives a whole file, small on disk; `HOSTILE` has them by name. All
are written from the specification; none is a copy of a file that is known to do harm.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from io import BytesIO

from PIL import Image

Object = bytes
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources %b/Contents %b %b>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
# So many that no page is taken for a scan with a stamp.
SENTENCE = b"Figure 1. A page like any other but for what else there is on it."
WORDS = b"BT /F 10 Tf 40 500 Td (%b) Tj ET" % SENTENCE


def write_pdf(objects: Sequence[Object], trailer: bytes = b"") -> bytes:
    """A file of objects 1, 2, …; the first is its catalogue."""
    out = BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(
        b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    )
    return out.getvalue()


def stream(data: bytes, entries: bytes = b"", packed: bool = True) -> Object:
    """A stream, its bytes deflated."""
    if packed:
        data, entries = zlib.compress(data, 9), entries + b"/Filter/FlateDecode"
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def make_page(
    content: bytes = WORDS,
    resources: bytes = b"",
    more: Sequence[Object] = (),
    page: bytes = b"",
    catalogue: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """A file of one page. Objects: 1 catalogue, 2 pages, 3 page, 4 contents, 5 font, from 6 on `more`."""
    own = PAGE % (b"<</Font<</F 5 0 R>>%b>>" % resources, b"4 0 R", page)
    root = b"<</Type/Catalog/Pages 2 0 R%b>>" % catalogue
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return write_pdf([root, pages, own, stream(content), FONT, *more], trailer)


def deflate_zeros(megabytes: int) -> bytes:
    """Zeros, deflated: about a thousandth of their size.

    A block that knows nothing of the one before it can be laid there any number of times.
    """
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (megabytes << 20) % 65_521 << 16 | 1
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")


def packed_zeros(megabytes: int, entries: bytes) -> Object:
    """A stream of zeros that was deflated twice: some hundred bytes a gigabyte."""
    data = zlib.compress(deflate_zeros(megabytes), 9)
    return b"<</Length %d%b/Filter[/FlateDecode/FlateDecode]>>\nstream\n%b\nendstream" % (
        len(data),
        entries,
        data,
    )


IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
SHOW = WORDS + b"\nq 300 0 0 300 50 150 cm /I Do Q"


def make_image(entries: bytes, data: bytes, packed: bool = False) -> bytes:
    """A page with one image."""
    return make_page(SHOW, b"/XObject<</I 6 0 R>>", [stream(data, entries, packed)])


# Decompression


def flate_image() -> bytes:
    """Three gigabytes of pixels in 9 kB, as the file says: 1,000 megapixels."""
    picture = packed_zeros(3000, IMAGE % (31_622, 31_622))
    return make_page(SHOW, b"/XObject<</I 6 0 R>>", [picture])


def flate_image_small() -> bytes:
    """Two gigabytes of data behind an image that says that it is 10 × 10."""
    return make_page(SHOW, b"/XObject<</I 6 0 R>>", [packed_zeros(2000, IMAGE % (10, 10))])


def flate_mask() -> bytes:
    """A small image with a soft mask of 2,500 megapixels."""
    mask = IMAGE.replace(b"DeviceRGB", b"DeviceGray") % (50_000, 50_000)
    picture = stream(bytes(300), IMAGE % (10, 10) + b"/SMask 7 0 R")
    return make_page(SHOW, b"/XObject<</I 6 0 R>>", [picture, packed_zeros(2500, mask)])


def flate_contents() -> bytes:
    """A page whose operators are two gigabytes of white space."""
    own = PAGE % (b"<</Font<</F 5 0 R>>>>", b"4 0 R", b"")
    root, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return write_pdf([root, pages, own, packed_zeros(2000, b""), FONT])


def flate_objects() -> bytes:
    """An object stream of two gigabytes, which holds the page."""
    root, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    out = BytesIO(b"%PDF-1.7\n")
    out.seek(0, 2)
    bodies = [root, pages, packed_zeros(2000, b"/Type/ObjStm/N 1/First 4")]
    places = []
    for number, body in zip((1, 2, 4), bodies, strict=True):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    rows = [(0, 0, 255), (1, places[0], 0), (1, places[1], 0), (2, 4, 0), (1, places[2], 0), (1, start, 0)]
    table = b"".join(bytes([kind]) + place.to_bytes(4, "big") + bytes([last]) for kind, place, last in rows)
    out.write(b"5 0 obj\n%b\nendobj\n" % stream(table, b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R"))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def jpeg_huge() -> bytes:
    """A JPEG that says that it is 65,500 × 65,500, and ends after a few bytes."""
    buffer = BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = (65_500).to_bytes(2, "big") * 2
    return make_image(IMAGE % (65_500, 65_500) + b"/Filter/DCTDecode", bytes(data))


def jpeg_lies() -> bytes:
    """A JPEG that says that it is 65,500 × 65,500, in an image that says 64 × 64."""
    return jpeg_huge().replace(b"/Width 65500/Height 65500", b"/Width 64/Height 64")


def jpx_huge() -> bytes:
    """JPEG 2000 that says that it is 1,000,000 × 1,000,000."""
    buffer = BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(buffer, "JPEG2000", no_jp2=False)
    data = bytearray(buffer.getvalue())
    side = (1_000_000).to_bytes(4, "big")
    at = data.index(b"ihdr") + 4
    data[at : at + 8] = side * 2
    at = data.index(b"\xff\x51") + 6
    data[at : at + 8] = side * 2
    data[at + 16 : at + 24] = side * 2
    return make_image(IMAGE % (1_000_000, 1_000_000) + b"/Filter/JPXDecode", bytes(data))


def jbig2_huge() -> bytes:
    """JBIG2 whose page says that it is 4,000,000,000 × 4,000,000,000."""
    side = (4_000_000_000).to_bytes(4, "big")
    header = bytes.fromhex("00000000 30 00 01") + (19).to_bytes(4, "big")
    data = header + side * 2 + bytes(8) + b"\x00" + bytes(2)
    entries = (IMAGE % (100_000, 100_000)).replace(b"DeviceRGB", b"DeviceGray").replace(b"nent 8", b"nent 1")
    return make_image(entries + b"/Filter/JBIG2Decode", data)


def fax_huge() -> bytes:
    """A fax of 60,000 × 60,000 that is a few bytes long."""
    entries = (IMAGE % (60_000, 60_000)).replace(b"DeviceRGB", b"DeviceGray").replace(b"nent 8", b"nent 1")
    parms = b"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 60000/Rows 60000>>"
    return make_image(entries + parms, bytes(64))


# Boxes


def with_box(box: bytes) -> bytes:
    """A page with another media box."""
    return make_page().replace(b"[0 0 400 600]", box)


def box_huge() -> bytes:
    """A page of 350,000 kilometres."""
    return with_box(b"[0 0 1e9 1000000000]")


def box_inverted() -> bytes:
    """A page whose corners are given the wrong way round, as the specification permits."""
    return with_box(b"[400 600 0 0]")


def box_empty() -> bytes:
    """A page without area."""
    return with_box(b"[0 0 0 0]")


def box_words() -> bytes:
    """A page whose box is no box."""
    return with_box(b"[NaN /Inf (x) null]")


def box_crop_outside() -> bytes:
    """A crop box that lies outside of the media box, and a negative user unit."""
    return make_page(page=b"/CropBox[9000 9000 9100 9100]/UserUnit -1e30/Rotate 91")


def box_unit_huge() -> bytes:
    """A unit that makes the page 10,000 times as large."""
    return make_page(page=b"/UserUnit 1e4")


# Numbers of things


def tiny_images() -> bytes:
    """20,000 images of one pixel, side by side."""
    places = (b"q 2 0 0 2 %d %d cm /I Do Q" % (3 * (k % 130), 3 * (k // 130)) for k in range(20_000))
    picture = stream(bytes([200, 30, 30]), IMAGE % (1, 1))
    return make_page(WORDS + b"\n" + b"\n".join(places), b"/XObject<</I 6 0 R>>", [picture])


def small_images() -> bytes:
    """4,000 images of a badge's size that overlap."""
    places = (b"q 20 0 0 20 %d %d cm /I Do Q" % (9 * (k % 42), 6 * (k // 42)) for k in range(4_000))
    picture = stream(bytes([200, 30, 30]), IMAGE % (1, 1))
    return make_page(WORDS + b"\n" + b"\n".join(places), b"/XObject<</I 6 0 R>>", [picture])


def many_operators() -> bytes:
    """A drawing of a million operators."""
    lines = (b"%d %d m %d %d l S" % (k % 400, k % 600, k * 7 % 400, k * 11 % 600) for k in range(333_333))
    return make_page(WORDS + b"\n" + b"\n".join(lines))


def long_path() -> bytes:
    """One path of a million points, stroked with dashes of a hundredth of a point."""
    lines = b"\n".join(b"%d %d l" % (k * 7 % 400, k * 11 % 600) for k in range(1_000_000))
    return make_page(WORDS + b"\n[.01 .01] 0 d 0 0 m\n" + lines + b"\nS")


def many_letters() -> bytes:
    """100,000 letters, each set by itself."""
    letters = (b"1 0 0 1 %d %d Tm (a) Tj" % (4 * (k % 98), 6 * (k // 98 % 98)) for k in range(100_000))
    return make_page(b"BT /F 6 Tf " + b"\n".join(letters) + b" ET")


def many_annotations() -> bytes:
    """100,000 annotations."""
    marks = b"<</Type/Annot/Subtype/Text/Rect[10 10 20 20]/Contents(x)>>" * 100_000
    return make_page(page=b"/Annots[%b]" % marks)


def deep_states() -> bytes:
    """100,000 states that are saved and never restored, and as many brackets."""
    return make_page(b"q " * 100_000 + WORDS + b"[" * 100_000)


# Trees and cycles


def deep_tree() -> bytes:
    """A tree of pages 10,000 deep."""
    root = b"<</Type/Catalog/Pages 2 0 R>>"
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1%b>>" % (k + 1, _up(k)) for k in range(2, 10_002)]
    page = PAGE.replace(b"2 0 R", b"10001 0 R") % (b"<</Font<</F 10004 0 R>>>>", b"10003 0 R", b"")
    return write_pdf([root, *nodes, page, stream(WORDS), FONT])


def _up(number: int) -> bytes:
    return b"/Parent %d 0 R" % (number - 1) if number > 2 else b""


def cyclic_tree() -> bytes:
    """Pages that are their own children."""
    root, page = b"<</Type/Catalog/Pages 2 0 R>>", PAGE % (b"<<>>", b"5 0 R", b"")
    first = b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 3>>"
    second = b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 4 0 R 3 0 R]/Count 2>>"
    return write_pdf([root, first, second, page, stream(WORDS)])


def wrong_count() -> bytes:
    """A book that says that it has two billion pages, and has one."""
    return make_page().replace(b"/Count 1>>", b"/Count 2000000000>>")


def negative_count() -> bytes:
    """A book that says that it has less than no pages."""
    return make_page().replace(b"/Count 1>>", b"/Count -7>>")


def cyclic_forms() -> bytes:
    """Two forms that draw each other twice."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 400 600]/Resources<</XObject<</A 6 0 R/B 7 0 R>>>>"
    draw = b"/A Do /B Do /A Do /B Do"
    return make_page(WORDS + b" /A Do", b"/XObject<</A 6 0 R>>", [stream(draw, form), stream(draw, form)])


def exploding_forms() -> bytes:
    """Forms that each draw the next ten times, eleven deep: a hundred billion lines."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 400 600]/Resources<</XObject<</N %d 0 R>>>>"
    forms = [stream(b"/N Do " * 10, form % (k + 1)) for k in range(6, 17)]
    last = stream(b"0 0 m 9 9 l S", form % 17)
    return make_page(WORDS + b" /N Do", b"/XObject<</N 6 0 R>>", [*forms, last])


def recursive_pattern() -> bytes:
    """A tiling pattern that is filled with itself, with steps of a millionth of a point."""
    own = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 10 10]/XStep .000001/YStep .000001"
    own += b"/Resources<</Pattern<</P 6 0 R>>>>"
    draw = b"/Pattern cs /P scn 0 0 400 600 re f"
    return make_page(WORDS + b" " + draw, b"/Pattern<</P 6 0 R>>", [stream(draw, own)])


def recursive_font() -> bytes:
    """A Type 3 font whose letter sets itself."""
    glyph = stream(b"1000 0 d0 BT /T 1 Tf (a) Tj (a) Tj ET")
    font = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97"
    font += (
        b"/Widths[1000]/Encoding<</Differences[97/a]>>/CharProcs<</a 6 0 R>>/Resources<</Font<</T 7 0 R>>>>>>"
    )
    text = WORDS + b" BT /T 9 Tf 60 400 Td (aaaa) Tj ET"
    return make_page(text, b"", [glyph, font]).replace(b"<</Font<</F 5 0 R>>", b"<</Font<</F 5 0 R/T 7 0 R>>")


def font_huge() -> bytes:
    """A font that says that it has widths up to two billion, and a map of all of Unicode."""
    ranges = b"100 beginbfrange\n" + b"<00000000> <7FFFFFFF> <0041>\n" * 100 + b"endbfrange\n"
    cmap = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00000000> <7FFFFFFF> "
    cmap += b"endcodespacerange\n" + ranges + b"endcmap end"
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>"
    )
    below = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
    below += b"/Supplement 0>>/DW 1000/W[0 2000000000 500]"
    below += b"/FontDescriptor<</Type/FontDescriptor/FontName/X/Flags 4>>>>"
    text = WORDS + b" BT /T 9 Tf 60 400 Td <00410042> Tj ET"
    made = make_page(text, b"", [font, below, stream(cmap)])
    return made.replace(b"<</Font<</F 5 0 R>>", b"<</Font<</F 5 0 R/T 6 0 R>>")


def xref_loop() -> bytes:
    """Tables of cross-references that name each other as the one before."""
    made = make_page()
    start = made.rindex(b"xref\n0")
    return made.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d/XRefStm %d>>" % (start, start))


def deep_arrays() -> bytes:
    """An array within an array, 200,000 deep, where the resources should be."""
    return make_page(resources=b"/X " + b"[" * 200_000 + b"]" * 200_000)


def own_length() -> bytes:
    """Contents whose length is an object that is the contents."""
    return make_page().replace(b"/Length %d" % len(zlib.compress(WORDS, 9)), b"/Length 4 0 R")


def own_function() -> bytes:
    """A shading whose function is stitched together of itself."""
    function = b"<</FunctionType 3/Domain[0 1]/Functions[6 0 R 6 0 R]/Bounds[.5]/Encode[0 1 0 1]>>"
    shading = b"/Shading<</S<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 400 0]/Function 6 0 R>>>>"
    return make_page(WORDS + b" /S sh", shading, [function])


# Encryption


def encrypted_oddly() -> bytes:
    """A security handler with a version and lengths that do not exist."""
    encrypt = b"/Encrypt<</Filter/Standard/V 99/R 99/Length -8/O(x)/U(y)/P -1/CF<</A<</CFM/None>>>>/StmF/A>>"
    return make_page(trailer=encrypt + b"/ID[(a)(b)]")


def encrypted_other() -> bytes:
    """A security handler that nobody has."""
    return make_page(trailer=b"/Encrypt<</Filter/Nobodys/V 4>>/ID[(a)(b)]")


# What would run, open or write something


SCRIPT = b"<</S/JavaScript/JS(app.launchURL\\('file:///etc/passwd'\\); "
SCRIPT += b"this.exportDataObject\\({cName:'a', nLaunch:2}\\);)>>"


def javascript() -> bytes:
    """JavaScript when the file is opened, the page is shown, a field is changed, and by name."""
    actions = b"/OpenAction %b/AA<</WC %b/WS %b>>/Names<</JavaScript<</Names[(a) %b]>>>>" % ((SCRIPT,) * 4)
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(before)/Rect[10 10 99 30]/AA<</C %b/F %b>>>>" % (
        SCRIPT,
        SCRIPT,
    )
    form = b"/AcroForm<</Fields[6 0 R]/CO[6 0 R]/NeedAppearances true>>"
    return make_page(page=b"/AA<</O %b>>/Annots[6 0 R]" % SCRIPT, catalogue=actions + form, more=[field])


def launch() -> bytes:
    """Actions that start a program, when the file is opened and when the page is shown."""
    start = b"<</S/Launch/F(/bin/sh)/Unix<</F(touch launched)>>/Win<</F(cmd.exe)/P(/c echo x)>>>>"
    return make_page(page=b"/AA<</O %b>>" % start, catalogue=b"/OpenAction %b" % start)


def attachments() -> bytes:
    """An executable and a PDF that lie in the file, one of them as the file to be shown."""
    script = stream(b"#!/bin/sh\ntouch run-by-reader\n", b"/Type/EmbeddedFile")
    inner = stream(make_page(b"BT /F 12 Tf 60 500 Td (inner) Tj ET"), b"/Type/EmbeddedFile")
    spec = b"<</Type/Filespec/F(%b)/UF(%b)/EF<</F %d 0 R>>>>"
    names = b"/Names<</EmbeddedFiles<</Names[(a) %b (b) %b]>>>>/Collection<</D(b)>>/AF[%b]" % (
        spec % (b"../run.sh", b"../run.sh", 6),
        spec % (b"b.pdf", b"b.pdf", 7),
        spec % (b"b.pdf", b"b.pdf", 7),
    )
    mark = b"/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[10 10 30 30]/FS %b>>]" % (
        spec % (b"c", b"c", 6)
    )
    return make_page(page=mark, catalogue=names, more=[script, inner])


def external_data() -> bytes:
    """Contents and an image that lie in other files, on this machine and on the network."""
    spec = b"/F<</Type/Filespec/FS/URL/F(http://127.0.0.1:9/pixels)>>/FFilter/FlateDecode"
    picture = b"<</Length 0/F(/etc/passwd)%b>>\nstream\n\nendstream" % (IMAGE % (10, 10))
    form = b"<</Length 0%b/Type/XObject/Subtype/Form/BBox[0 0 9 9]>>\nstream\n\nendstream" % spec
    return make_page(SHOW + b" /G Do", b"/XObject<</I 6 0 R/G 7 0 R>>", [picture, form])


def external_actions() -> bytes:
    """Actions that go to other files and to the network, a form that is sent off, XFA, and a film."""
    go = b"<</S/GoToR/F(/etc/passwd)/D[0/Fit]/Next<</S/URI/URI(http://127.0.0.1:9/)/Next<</S/SubmitForm"
    go += b"/F<</FS/URL/F(http://127.0.0.1:9/)>>>>>>>>"
    xfa = stream(
        b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
        b"<template><subform><event activity='initialize'><script>xfa.host.gotoURL('x')</script></event>"
        b"</subform></template></xdp:xdp>"
    )
    film = b"/Annots[<</Type/Annot/Subtype/Movie/Rect[0 0 9 9]/Movie<</F(http://127.0.0.1:9/)>>/A true>>]"
    return make_page(page=film, catalogue=b"/OpenAction %b/AcroForm<</Fields[]/XFA 6 0 R>>" % go, more=[xfa])


HOSTILE: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (
        flate_image,
        flate_image_small,
        flate_mask,
        flate_contents,
        flate_objects,
        jpeg_huge,
        jpeg_lies,
        jpx_huge,
        jbig2_huge,
        fax_huge,
        box_huge,
        box_inverted,
        box_empty,
        box_words,
        box_crop_outside,
        box_unit_huge,
        tiny_images,
        small_images,
        many_operators,
        long_path,
        many_letters,
        many_annotations,
        deep_states,
        deep_tree,
        cyclic_tree,
        wrong_count,
        negative_count,
        cyclic_forms,
        exploding_forms,
        recursive_pattern,
        recursive_font,
        font_huge,
        xref_loop,
        deep_arrays,
        own_length,
        own_function,
        encrypted_oddly,
        encrypted_other,
        javascript,
        launch,
        attachments,
        external_data,
        external_actions,
    )
}
