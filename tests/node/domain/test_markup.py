"""HTML that goes out is ours alone; HTML that comes in is cut down to what Mastodon shows."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.markup import beginning, hashtags, mentions, sanitise, to_html, to_text, to_typed


class Names:
    def mention(self, handle: str) -> str | None:
        return "https://coop.example/c/coop" if handle == "coop@coop.example" else None

    def tag(self, name: str) -> str:
        return f"https://olla.example/tags/{name.lower()}"


NAMES = Names()
REL = 'rel="nofollow noopener noreferrer"'


def html(text: str) -> str:
    return to_html(text, NAMES)


def test_paragraphs_and_lines_stay() -> None:
    assert html("uno\ndos\r\ntres\n\n\ncuatro ") == "<p>uno<br>dos<br>tres</p><p>cuatro</p>"


def test_what_looks_like_markup_is_text() -> None:
    assert html('<b onclick="x">&amp;</b>') == '<p>&lt;b onclick="x"&gt;&amp;amp;&lt;/b&gt;</p>'


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("mira https://a.example/x.", "https://a.example/x", "."),
        ("(https://a.example/x)", "https://a.example/x", ")"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)", ""),
        ("https://a.example/?a=1&b=2!", "https://a.example/?a=1&amp;b=2", "!"),
        ("HTTPS://A.example/x, y", "HTTPS://A.example/x", ", y"),
    ],
)
def test_an_address_becomes_a_link_without_the_punctuation_around_it(
    text: str, address: str, rest: str
) -> None:
    assert f'<a href="{address}" {REL}>{address}</a>{rest}' in html(text)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://", "//a.example"]
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    assert "<a" not in html(text)


def test_hashtags_and_known_mentions_become_links_as_mastodon_knows_them() -> None:
    assert (
        html("#OllaComún")
        == '<p><a href="https://olla.example/tags/ollacomún" class="mention hashtag" rel="tag">#<span>OllaComún</span></a></p>'
    )
    assert (
        html("hola @coop@coop.example.")
        == '<p>hola <span class="h-card"><a href="https://coop.example/c/coop" class="u-url mention">@<span>coop</span></a></span>.</p>'
    )
    assert html("@otra@lejos.example") == "<p>@otra@lejos.example</p>"


def test_what_a_text_names_is_found() -> None:
    text = "#uno #Uno x#no &#39; #2 https://a.example/#ancla @coop@coop.example, mail@a.example @a@b:8091 @a@b:8091 (@otra). @x@ñ.cl"
    assert hashtags(text) == ("uno",)
    assert mentions(text) == ("coop@coop.example", "a@b:8091", "otra")


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<script>alert(1)</script>x", "x"),
        ("<style>p{}</style>x", "x"),
        ('<p onclick="x" style="y">a</p>', "<p>a</p>"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<iframe src='https://a.example'>x</iframe>", "x"),
        ('<a href="javascript:alert(1)">x</a>', f"<a {REL}>x</a>"),
        ('<a href="  JaVaScRiPt:alert(1)">x</a>', f"<a {REL}>x</a>"),
        ('<a href="/relative">x</a>', f"<a {REL}>x</a>"),
        (
            '<a href="https://a.example" target="_blank" rel="me">x</a>',
            f'<a href="https://a.example" {REL}>x</a>',
        ),
        (
            '<span class="h-card evil mention invisible">x</span>',
            '<span class="h-card mention invisible">x</span>',
        ),
        ('<span class="evil">x</span>', "<span>x</span>"),
        ('<a translate="no" class="u-url">x</a>', f'<a translate="no" class="u-url" {REL}>x</a>'),
        (
            '<ol start="3" reversed><li value="9">x</li></ol>',
            '<ol start="3" reversed=""><li value="9">x</li></ol>',
        ),
        ('<ol start="999999999999">x</ol>', "<ol>x</ol>"),
        (
            "<h1>x</h1><blockquote>y</blockquote><pre><code>z</code></pre>",
            "<h1>x</h1><blockquote>y</blockquote><pre><code>z</code></pre>",
        ),
        ("<math><mi//xlink:href='data:x,<script>alert(4)</script>'>", ""),
    ],
)
def test_html_of_strangers_is_cut_down(dirty: str, clean: str) -> None:
    assert sanitise(dirty) == clean


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>uno<br>dos</p><p>tres</p>", "uno\ndos\n\ntres"),
        ("<ul><li>uno</li><li>dos</li></ul>", "- uno\n- dos"),
        ("a &lt; b &amp;amp; c", "a < b &amp; c"),
        ("a < b", "a < b"),
        ("<script>x</script>llevo&nbsp;10 kg", "llevo 10 kg"),
        ("<p>x", "x"),
    ],
)
def test_html_is_read_as_text(markup: str, text: str) -> None:
    assert to_text(markup) == text


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)


@given(
    st.lists(WORDS | st.sampled_from(["<b>", "&lt;", "#tag", "https://a.example/x"]), min_size=1, max_size=6)
)
def test_plain_text_survives_its_way_through_html(words: list[str]) -> None:
    text = " ".join(words)
    assert to_text(html(text)) == text


def test_a_mention_is_given_back_with_its_host() -> None:
    typed = "Con @coop@coop.example, @otra & <b>"
    assert to_typed(html(typed), {"https://coop.example/c/coop": "coop@coop.example"}.__getitem__) == typed
    assert to_typed(html("Con @coop@coop.example"), lambda actor: actor) == "Con @coop"


@given(st.text(max_size=80))
def test_what_we_write_needs_no_cleaning(text: str) -> None:
    written = html(text)
    assert to_text(sanitise(written)) == to_text(written)
    assert not re.search(r"<(?!/?(p|br|a|span)\b)", written)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("look", [sanitise, to_text])
@pytest.mark.parametrize(
    "piece",
    ["<div>", "<ul><li>", "<blockquote>", "<section>", "<b><div>", "<p ", "<br ", "<", "&", "<script>"],
)
def test_no_text_of_a_stranger_holds_up_who_reads_it(look: Callable[[str], str], piece: str) -> None:
    """Cleaning takes time by the square of what is nested: as much as fits into one activity took minutes, of every page that showed it."""
    assert isinstance(look("hola " + piece * (900_000 // len(piece))), str)


def test_what_is_too_long_to_be_formatted_is_text_and_says_that_it_goes_on() -> None:
    long = sanitise("<p>uno <b>dos</b></p><p>tres</p>" + "<i>x</i>" * 20_000)
    assert long.startswith("<p>uno dos</p><p>tres</p>")
    assert long.endswith("…</p>")
    assert "<b>" not in sanitise("<b>" * 1001 + "hola")
    assert sanitise("<b>hola</b>" * 10) == "<b>hola</b>" * 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Faltan 40 kg.", "Faltan 40 kg."),
        ("Faltan 40 kg de lentejas para el viernes", "Faltan 40 kg de lentejas…"),
        ("Faltan 40 kg de lentejas, para el viernes", "Faltan 40 kg de lentejas…"),
        ("Faltan 4 kg de pan. Ver: https://olla.example/o/1", "Faltan 4 kg de pan. …"),
        ("Hola. Hoy nos falta todo: pan, arroz", "Hola. Hoy nos falta todo…"),
        ("Para revisarlo: https://olla.example/o/1", "Para revisarlo…"),
        ("a" * 60, "a" * 29 + "…"),
    ],
)
def test_the_beginning_of_a_text_leads_to_nothing_that_is_cut_away(text: str, shown: str) -> None:
    assert beginning(text, 29) == shown


@given(st.text("<>\"'=/ascriptonlk:&;", max_size=60))
def test_nothing_that_runs_survives_cleaning(dirty: str) -> None:
    clean = sanitise(dirty)
    assert "<script" not in clean
    assert not re.search(r"<[^>]*\son\w*=", clean)
    assert sanitise(clean) == clean
