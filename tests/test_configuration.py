"""The sources file and page ranges: what is accepted, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.configuration import ConfigurationError, choose_pages, parse_pages, read_sources

GOOD = 'name = "a"\nversion = "1.0"\n[[book]]\nfile = "b.pdf"\nseries = "silk"\npages = "5-7, 9"\n'
GATED = GOOD + '[gated]\nprompt = "For research."\n'


def test_a_sources_file_is_read(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(GOOD + 'password = "geheim"\n', encoding="utf-8")
    sources = read_sources(path)
    assert (sources.name, sources.version, sources.decisions) == ("a", "1.0", "decisions.jsonl")
    assert sources.book[0].series == "silk"
    assert "geheim" not in repr(sources)


def test_what_hugging_face_is_to_ask(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(GATED + '[gated.fields]\nName = "text"\n"I agree" = "checkbox"\n', encoding="utf-8")
    gated = read_sources(path).gated
    assert (
        gated and gated.prompt == "For research." and gated.fields == {"Name": "text", "I agree": "checkbox"}
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GATED + '[gated.fields]\nName = "number"\n', ["'Name'", "'checkbox'", "not 'number'"]),
        (
            GATED.replace("prompt", "promt") + '[gated.fields]\nA = "text"\n',
            ["unknown key 'promt'", "prompt"],
        ),
        (GOOD.replace("series", "serie"), ["book 1", "unknown key 'serie'", "series"]),
        (GOOD.replace('"silk"', '"seide"'), ["book 1", "'series'", "'silk'", "not 'seide'"]),
        (GOOD.replace('file = "b.pdf"', ""), ["book 1", "'file' is missing"]),
        (GOOD.replace("5-7, 9", "7-5"), ["book 1", "'pages'", "5-212"]),
        (GOOD.replace("5-7, 9", "von vorn"), ["'pages'", "5-212 or 1-3,7,9-"]),
        ('name = "a"\nversion = "1.0"\n', ["'book' is missing"]),
        (GOOD.replace('"1.0"', "1.0"), ["'version'", "string"]),
        ("name = ", ["not valid TOML"]),
        ('name = "a"\n[book]\nfile = "b.pdf"\npassword = "geheim"\n', ["write [[book]]"]),
        (GOOD.replace("b.pdf", "b\\u0000.pdf"), ["'file'", "no name of a file"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, text, words):
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_sources(path)
    message = str(caught.value)
    assert "\n" not in message and message.startswith(str(path))
    assert "geheim" not in message
    for word in words:
        assert word in message


def test_missing_and_foreign_files(tmp_path):
    with pytest.raises(ConfigurationError, match="no such file"):
        read_sources(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("name = '丝绸'".encode("gb18030"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        read_sources(tmp_path / "gbk.toml")


def test_pages_of_a_book():
    assert choose_pages("", 3) == (1, 2, 3)
    assert choose_pages("2", 3) == (2,)
    assert choose_pages("3-, 1", 5) == (1, 3, 4, 5)
    assert choose_pages("4-9", 5) == (4, 5)
    assert choose_pages("7-9", 5) == ()


@given(st.text(max_size=12))
def test_any_page_range_is_ranges_or_one_line(text):
    try:
        ranges = parse_pages(text)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        assert all(a >= 1 and (b is None or b >= a) for a, b in ranges)
