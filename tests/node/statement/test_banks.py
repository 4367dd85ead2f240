"""Statements as banks really write them: batches, foreign money, what is only expected, letters of another encoding."""

from datetime import date

import pytest

from node.errors import InvalidError
from node.statement import Columns, Statement, read
from tests.node.statement.test_statement import OFX

CAMT = """<?xml version="1.0" encoding="ISO-8859-1"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-10-01T05:00:00.0+02:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-08-31</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">171.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-30</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">75.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-09-03</Dt></BookgDt><NtryDtls>
<Btch><NbOfTxs>2</NbOfTxs></Btch>
<TxDtls><AmtDtls>{instructed}<TxAmt><Amt Ccy="EUR">50.00</Amt></TxAmt></AmtDtls>
<RltdPties><Dbtr><Nm>Jürgen Groß</Nm></Dbtr></RltdPties><RmtInf><Ustrd>Spende D-7K2M</Ustrd></RmtInf></TxDtls>
<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">25.00</Amt></TxAmt></AmtDtls>{charges}<RmtInf><Ustrd>Spende D-8A3B</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">3.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-09-30</Dt></BookgDt>
<AddtlNtryInf>Kontoführung</AddtlNtryInf></Ntry>
{expected}</Stmt></BkToCstmrStmt></Document>"""
PLAIN = {"instructed": "", "charges": "", "expected": ""}
PENDING = (
    '<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts>'
    "<BookgDt><Dt>2026-09-30</Dt></BookgDt></Ntry>"
)
SEPARATE = [(5000, "Spende D-7K2M Jürgen Groß"), (2500, "Spende D-8A3B"), (-350, "Kontoführung")]


def camt(**parts: str) -> bytes:
    return CAMT.format(**{**PLAIN, **parts}).encode("latin-1")


def lines(told: Statement) -> list[tuple[int, str]]:
    return [(row.amount, row.text) for row in told.rows]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"instructed": '<InstdAmt><Amt Ccy="USD">58.00</Amt></InstdAmt>'},
        {"charges": '<Chrgs><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'},
        {"expected": PENDING},
    ],
)
def test_each_transaction_of_a_batch_is_a_line_of_what_the_bank_booked(parts: dict[str, str]) -> None:
    told = read(camt(**parts), None, Columns("EUR"))

    assert lines(told) == SEPARATE
    assert (told.opening, told.closing, told.closes) == (10000, 17150, date(2026, 9, 30))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<TxAmt><Amt Ccy="EUR">50.00</Amt></TxAmt>', ""),
        ('Ccy="EUR">50.00', 'Ccy="EUR">49.00'),
        ('Ccy="EUR">50.00', 'Ccy="USD">50.00'),
    ],
)
def test_a_batch_that_does_not_say_what_each_moved_is_one_line(before: str, after: str) -> None:
    told = read(camt().replace(before.encode(), after.encode()), None, Columns("EUR"))

    assert lines(told) == [(7500, "Spende D-7K2M Spende D-8A3B"), (-350, "Kontoführung")]


def test_a_later_version_says_the_same() -> None:
    later = camt().replace(b"001.02", b"001.08").replace(b"<Sts>BOOK</Sts>", b"<Sts><Cd>BOOK</Cd></Sts>")
    for amount in (b"50.00", b"25.00"):
        whole = b'<AmtDtls><TxAmt><Amt Ccy="EUR">%b</Amt></TxAmt></AmtDtls>' % amount
        later = later.replace(whole, b'<Amt Ccy="EUR">%b</Amt><CdtDbtInd>CRDT</CdtDbtInd>' % amount)

    assert lines(read(later, None, Columns("EUR"))) == SEPARATE


AMOUNT_OF = "entry {}: its amount, a number (Amt)"
STMT = CAMT[CAMT.index("<Stmt>") : CAMT.index("</BkToCstmrStmt>")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (STMT, STMT * 2, "the statement of one account, not of 2"),
        ('<Ntry><Amt Ccy="EUR">3.50</Amt>', "<Ntry>", AMOUNT_OF.format(2)),
        ("3.50</Amt>", "</Amt>", AMOUNT_OF.format(2)),
        ("3.50</Amt>", "tres</Amt>", AMOUNT_OF.format(2)),
        ('<Ntry><Amt Ccy="EUR">3.50</Amt>', PENDING + "<Ntry>", AMOUNT_OF.format(2)),
        ('<TxAmt><Amt Ccy="EUR">50.00', '<TxAmt><Amt Ccy="EUR">', AMOUNT_OF.format(1)),
    ],
)
def test_what_a_statement_lacks_is_said_in_words_of_banks(before: str, after: str, said: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read(CAMT.replace(before, after).format(**PLAIN).encode("latin-1"), None, Columns("EUR"))
    assert refused.value.expected == said


def test_an_ofx_of_which_the_encoding_is_told() -> None:
    accented = OFX.replace(b"CHARSET:1252", b"CHARSET:NONE").replace(b"Giro", "Señor Núñez".encode("latin-1"))

    with pytest.raises(InvalidError, match=r"text in utf-8; byte \d+ is none") as refused:
        read(accented, None, Columns("CLP"))
    assert "--encoding windows-1252" in refused.value.hint
    told = read(accented, None, Columns("CLP", "windows-1252"))
    assert told.rows[1].text == "Señor Núñez"
