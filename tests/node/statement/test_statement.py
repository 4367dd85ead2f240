"""Statements of banks: three formats say the same, and what cannot be read whole is refused with its reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import InvalidError
from node.statement import Columns, read

CSV = """Banco Estado;Cuenta vista 123456
Fecha;Descripción;Cargos;Abonos;Saldo
03/09/2026;Transferencia de Inés D-7F3A;;203.000;203.000
05/09/2026;Giro del exterior;;47.000;250.000
14/09/2026;Olla La Esperanza;-346.500;;-96.500
"""
OFX = b"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260930<LANGUAGE>SPA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS><CURDEF>CLP<BANKACCTFROM><BANKID>012<ACCTID>123456<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260901<DTEND>20260930
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260903<TRNAMT>203000<FITID>1<NAME>Transferencia<MEMO>D-7F3A</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260905<TRNAMT>47000<FITID>2<NAME>Giro</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260914<TRNAMT>-346500<FITID>3<NAME>Olla</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>-96500<DTASOF>20260914</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def entry(sign: str, amount: str, day: str, text: str) -> str:
    return (
        f'<Ntry><Amt Ccy="CLP">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>'
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def balance(kind: str, amount: str, sign: str, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="CLP">{amount}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


CAMT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-09-30T00:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><Othr><Id>123456</Id></Othr></Id><Ccy>CLP</Ccy></Acct>
{balance("OPBD", "0", "CRDT", "2026-09-01")}{balance("CLBD", "96500", "DBIT", "2026-09-14")}
{entry("CRDT", "203000", "2026-09-03", "D-7F3A")}{entry("CRDT", "47000", "2026-09-05", "Giro")}
{entry("DBIT", "346500", "2026-09-14", "Olla")}
</Stmt></BkToCstmrStmt></Document>""".encode()
CLP = Columns("CLP")


@pytest.mark.parametrize(
    "data", [CSV.encode(), b"\xef\xbb\xbf" + CSV.encode(), CSV.encode("utf-16"), OFX, CAMT]
)
def test_every_format_says_the_same(data: bytes) -> None:
    told = read(data, None, CLP)

    assert [(row.on, row.amount) for row in told.rows] == [
        (date(2026, 9, 3), 203000),
        (date(2026, 9, 5), 47000),
        (date(2026, 9, 14), -346500),
    ]
    assert (told.currency, told.opening, told.closing, told.closes) == ("CLP", 0, -96500, date(2026, 9, 14))
    assert "D-7F3A" in told.rows[0].text


@pytest.mark.parametrize("written", [b".50", b"+0.5", b",50"])
def test_cents_are_read_also_without_their_zero(written: bytes) -> None:
    cents = OFX.replace(b"CLP", b"USD").replace(b"<TRNAMT>47000", b"<TRNAMT>" + written)
    assert [row.amount for row in read(cents, None, CLP).rows] == [20300000, 50, -34650000]


def test_newest_first_and_a_single_column_with_cents() -> None:
    data = "date,amount,memo,balance\n2026-09-05,-1.50,fee,98.50\n2026-09-03,100.00,x,100.00\n"
    told = read(data.encode(), None, Columns("EUR"))
    assert [row.amount for row in told.rows] == [10000, -150]
    assert (told.opening, told.closing) == (0, 9850)


@pytest.mark.parametrize("earlier", ["", "02/09/2026;x;0;0\n"])
def test_a_day_that_stands_newest_first_is_turned_by_its_balances(earlier: str) -> None:
    header = "Fecha;Descripción;Monto;Saldo\n"
    newest = "03/09/2026;b;47.000;250.000\n03/09/2026;a;203.000;203.000\n"
    told = read((header + newest + earlier).encode(), None, CLP)
    assert [row.amount for row in told.rows[-2:]] == [203000, 47000]
    assert (told.opening, told.closing) == (0, 250000)
    as_it_stands = "03/09/2026;a;5;5\n03/09/2026;b;0;5\n03/09/2026;c;0;5\n"
    assert [row.text for row in read((header + as_it_stands).encode(), None, CLP).rows] == ["a", "b", "c"]
    with pytest.raises(InvalidError, match="line 3: a balance of"):
        read((header + newest.replace("203.000\n", "204.000\n")).encode(), None, CLP)


def test_columns_can_be_named_and_days_written_otherwise() -> None:
    named = Columns("CLP", "windows-1252", {"date": "Cuándo", "amount": "Cuánto"}, "%m/%d/%Y")
    told = read("Cuándo;Cuánto\n09/25/2026;1.000\n".encode("windows-1252"), None, named)
    assert [(row.on, row.amount) for row in told.rows] == [(date(2026, 9, 25), 1000)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (CSV.encode("windows-1252"), r"text in utf-8; byte \d+ is none"),
        (CSV.replace("203.000;203.000", "203.000;204.000").encode(), "line 4: a balance of 251000"),
        (CSV.replace("47.000;", "cuarenta;").encode(), "line 4: 'cuarenta' is no amount"),
        (CSV.replace("05/09/2026", "05/19/2026").encode(), "line 4: '05/19/2026' is no day"),
        (CSV.replace("47.000;", ";").encode(), "line 4: an amount"),
        (b"a;b\n1;2\n", "a line that names a column"),
        (b"", "a line that names a column"),
        (b"PK\x03\x04\x00\x00", "zero bytes"),
        (b"Fecha;Monto\n", "at least one line"),
        (b"<OFX>", "a whole OFX file; this one breaks off"),
        (OFX[:400], "OFX file"),
        (OFX.replace(b"203000", b"abc"), r"entry 1: its amount, a number \(TRNAMT\)"),
        (OFX.replace(b"<TRNAMT>47000", b""), r"entry 2: its amount, a number \(TRNAMT\)"),
        (OFX.replace(b"203000", b"203000.5"), "entry 1: 203000.5 is no amount in CLP"),
        (OFX.replace(b"<DTPOSTED>20260905", b""), r"entry 2: its day, like 20260930 \(DTPOSTED\)"),
        (OFX.replace(b"<FITID>2", b""), "entry 2: FITID"),
        (OFX.replace(b"CLP", b"QQQ"), "a statement in one of .*, not in 'QQQ'"),
        (OFX.replace(b"<BALAMT>-96500", b""), r"the balance LEDGERBAL with its amount and its day"),
        (OFX.replace(b"-96500", b"-96500.5"), "a balance in CLP; -96500.5 is none"),
        (b"<x/>", "a camt.053 statement"),
        (b"<Document", "a whole camt.053 file; this one breaks at line 1"),
        (CAMT[:900], r"a whole camt.053 file; this one breaks at line \d"),
        (CAMT.replace(b">96500<", b">96501<"), "lead from the balance before"),
        (CAMT.replace(b"2026-09-05", b"yesterday"), r"entry 2: its day, like 2026-09-30 \(BookgDt, ValDt\)"),
        (CAMT.replace(b"<BookgDt><Dt>2026-09-14</Dt></BookgDt>", b""), "entry 3: its day"),
        (CAMT.replace(b'Ccy="CLP">47000', b'Ccy="EUR">47000'), "entry 2: an amount in CLP"),
        (CAMT.replace(b">47000<", b">47000.5<"), "entry 2: 47000.5 is no amount in CLP"),
        (CAMT.replace(b">47000<", b">NaN<"), "entry 2: its amount"),
        (CAMT.replace(b">47000</Amt><CdtDbtInd>CRDT<", b">47000</Amt><CdtDbtInd>X<"), "entry 2: whether it came"),
        (CAMT.replace(b">96500<", b"><"), "the balance CLBD with its amount and its day"),
        (
            CAMT.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document').replace(
                b"<Ustrd>Giro", b"<Ustrd>&x;"
            ).replace(b">96500<", b">1<"),
            "lead from the balance before",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_whole_is_refused_with_its_reason(data: bytes, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        read(data, None, CLP)


def test_no_entity_of_a_statement_is_ever_followed() -> None:
    data = CAMT.replace(
        b"<Document", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document'
    ).replace(b"<Ustrd>Giro", b"<Ustrd>&x;")
    assert "root" not in read(data, None, CLP).rows[1].text


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.sampled_from(["csv", "ofx", "camt"])
)
def test_any_bytes_are_read_or_refused(data: bytes, format: str) -> None:
    try:
        read(data, format, CLP)
    except InvalidError:
        return
