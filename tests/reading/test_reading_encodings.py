"""The encoding of a text is found, whoever wrote it."""

from __future__ import annotations

import pytest

from tests.readers import RUSSIAN, Reader, keys

GERMAN = "Name;Straße;Größe\nMüller;Königsallee 1;groß\nJäger;Bahnhofstraße 2;für später\n"
SPANISH = "Dueño,Etapa,Compañía\nNúñez,Negociación,Señores\nMuñoz,Cerrada ganada,Cía. Peña\n"
THAI = "ชื่อ,สถานะ\nสมชาย,ติดต่อแล้ว\nบริษัท ทดสอบ จำกัด,ปิดการขาย\n"
ARABIC = "الاسم,المرحلة\nمحمد,تفاوض\nشركة النور,مغلق\n"
POLISH = "Imię;Miasto\nMałgorzata;Łódź\nŻaneta;Gdańsk\n"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-8-sig", "utf-8-sig"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "utf-16-le", "utf-16"),
        (RUSSIAN, "utf-16-be", "utf-16"),
        (RUSSIAN, "utf-32", "utf-32"),
        (RUSSIAN, "windows-1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp866", "cp866"),
        (GERMAN, "windows-1252", "windows-1252"),
        (SPANISH, "latin-1", "windows-1252"),
        (POLISH, "windows-1250", "windows-1250"),
        (THAI, "tis-620", "tis-620"),
        (ARABIC, "windows-1256", "windows-1256"),
        ("姓名,阶段\n张三,谈判\n北京科技有限公司,新线索\n", "gb18030", "gb18030"),
        ("名前,ステージ\n山田太郎,商談中\n株式会社テスト,受注\n", "shift_jis", "shift_jis"),
    ],
)
def test_the_encoding_is_found(reader: Reader, text: str, codec: str, name: str) -> None:
    table = reader.table(text.encode(codec))
    header, *lines = text.splitlines()
    delimiter = ";" if ";" in header else ","
    assert table.encoding == name
    assert table.columns == tuple(header.split(delimiter))
    assert [row[:-1] for row in reader.rows(table)] == [tuple(line.split(delimiter)) for line in lines]


def test_one_cyrillic_name_is_enough_to_tell(reader: Reader) -> None:
    table = reader.table("name,stage\nИван,won\n".encode("windows-1251"))
    assert reader.rows(table) == [("Иван", "won", 2)]


def test_the_last_byte_of_a_file_can_decide_its_encoding(reader: Reader) -> None:
    table = reader.table(b"id,city\n" + b"1,Berlin\n" * 40_000 + "2,Köln".encode("windows-1252"))
    assert table.encoding == "windows-1252"
    assert reader.rows(table)[-1] == ("2", "Köln", 40_002)


def test_a_few_damaged_bytes_leave_utf8_what_it_is(reader: Reader) -> None:
    table = reader.table(RUSSIAN.encode() + b"3;\xff;x\n")
    assert (table.encoding, keys(table)) == ("utf-8", ["note_replaced"])
    assert reader.rows(table)[-1] == ("3", "�", "x", 4)
