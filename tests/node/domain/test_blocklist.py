"""Lists of blocked servers: what Mastodon exports is read, what does not read is named by its line, nothing breaks the reader."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from node.domain.blocklist import BLOCK, HEADER, LIMIT, LINES, NOTHING, Listed, host, read, write

EXPORTED = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
spam.example,suspend,TRUE,TRUE,"Spam, all day",FALSE
Ruido.Example,silence,FALSE,FALSE,,FALSE
gab.example,noop,FALSE,FALSE,,FALSE
"""


def test_what_mastodon_exports_is_read() -> None:
    listed, wrong = read(EXPORTED)

    assert wrong == []
    assert [(each.host, each.severity, each.comment) for each in listed] == [
        ("spam.example", BLOCK, "Spam, all day"),
        ("ruido.example", LIMIT, ""),
        ("gab.example", "noop", ""),
    ]


def test_a_list_of_names_alone_blocks() -> None:
    assert read("uno.example\n\ndos.example\n# a word about it\n")[0] == [
        Listed("uno.example", BLOCK, media=True, reports=True),
        Listed("dos.example", BLOCK, media=True, reports=True),
    ]


def test_a_list_without_its_first_line_says_what_is_to_be_done_all_the_same() -> None:
    listed, wrong = read(
        "bad.example,suspend\nloud.example,silence,true\nkept.example,noop\nx.example,nuke\n"
    )

    assert [(each.host, each.severity, each.media) for each in listed] == [
        ("bad.example", BLOCK, True),
        ("loud.example", LIMIT, True),
        ("kept.example", NOTHING, False),
    ]
    assert [each.line for each in wrong] == [4]


def test_each_line_that_does_not_read_is_named() -> None:
    listed, wrong = read(
        "#domain,#severity\n*.hidden.example,suspend\nsolo,suspend\nbien.example,perhaps\nok.example,\n"
    )

    assert [each.host for each in listed] == ["ok.example"]
    assert [each.line for each in wrong] == [2, 3, 4]
    assert len({each.expected for each in wrong}) == 3


def test_the_columns_may_stand_in_any_order() -> None:
    assert read("severity,domain\nsilence,uno.example\n")[0] == []
    assert read("#domain,#public_comment,#severity\nuno.example,why,silence\n")[0] == [
        Listed("uno.example", LIMIT, "why")
    ]


def test_too_long_a_list_says_so() -> None:
    listed, wrong = read("\n".join(f"s{n}.example" for n in range(LINES + 10)))

    assert len(listed) == LINES
    assert len(wrong) == 1


def test_a_name_is_stored_in_one_form() -> None:
    assert host(" https://Ñandú.Example./ ") == "xn--and-6ma2c.example"
    assert [host(bad) for bad in ("", "localhost", "a b.example", "-a.example", "x" * 300 + ".example")] == [
        ""
    ] * 5


@given(st.text())
def test_whatever_is_sent_is_read_without_a_fault(text: str) -> None:
    listed, _ = read(text)

    assert all(host(each.host) == each.host for each in listed)


@given(
    st.lists(
        st.builds(
            Listed,
            st.from_regex(r"[a-z]{1,20}\.example", fullmatch=True),
            st.sampled_from([BLOCK, LIMIT, NOTHING]),
            st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=80).filter(
                lambda comment: comment[:1] not in ("=", "+", "-", "@", "'")
            ),
            *[st.booleans()] * 3,
        ).map(lambda each: replace(each, media=True, reports=True) if each.severity == BLOCK else each),
        unique_by=lambda each: each.host,
    )
)
def test_what_is_written_reads_as_the_same(listed: list[Listed]) -> None:
    written = write(listed)

    assert written.startswith(",".join(HEADER))
    assert read(written) == (listed, [])


def test_a_comment_is_no_formula_in_a_table() -> None:
    assert "'=HYPERLINK" in write([Listed("uno.example", BLOCK, "=HYPERLINK(1)")])
