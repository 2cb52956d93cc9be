"""Lists of deals as CRMs write them in languages that few tools know: columns, stages, how deals ended, and dates that are only planned."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.mapped import mapped, written

# Headers of id, name, stage, day of making, day of the end, amount and owner; and of stages a first one, a proposal, a negotiation,
# and the two ends.
LISTS = {
    "sv": (
        "Affärs-ID;Affärsnamn;Affärsfas;Skapat datum;Avslutsdatum;Belopp;Ägare",
        ("Ny affär", "Offert skickad", "Förhandling", "Vunnen", "Förlorad"),
    ),
    "da": (
        "Aftale-ID;Aftalenavn;Aftalefase;Oprettelsesdato;Lukkedato;Beløb;Ejer",
        ("Nyt lead", "Tilbud sendt", "Forhandling", "Lukket vundet", "Lukket tabt"),
    ),
    "nb": (
        "Avtale-ID;Avtalenavn;Avtalefase;Opprettelsesdato;Lukkedato;Beløp;Eier",
        ("Ny", "Tilbud levert", "Forhandlinger", "Vunnet", "Tapt"),
    ),
    "fi": (
        "Tunniste;Kaupan nimi;Myyntivaihe;Luontipäivä;Sulkemispäivä;Arvo;Vastuuhenkilö",
        ("Uusi", "Tarjous lähetetty", "Neuvottelu", "Voitettu", "Hävitty"),
    ),
    "cs": (
        "ID obchodu;Název obchodu;Fáze;Datum vytvoření;Datum uzavření;Částka;Vlastník",
        ("Nová poptávka", "Odeslaná nabídka", "Vyjednávání", "Vyhráno", "Prohráno"),
    ),
    "sk": (
        "ID obchodu;Názov obchodu;Fáza;Dátum vytvorenia;Dátum uzavretia;Suma;Vlastník",
        ("Nový", "Ponuka odoslaná", "Rokovanie", "Vyhraté", "Prehraté"),
    ),
    "hu": (
        "Azonosító;Üzlet neve;Szakasz;Létrehozás dátuma;Lezárás dátuma;Összeg;Tulajdonos",
        ("Új", "Ajánlat elküldve", "Tárgyalás", "Megnyert", "Elveszett"),
    ),
    "ro": (
        "ID;Nume;Etapă;Data creării;Data închiderii;Valoare;Proprietar",
        ("Nou", "Ofertă trimisă", "Negociere", "Câștigat", "Pierdut"),
    ),
    "ko": ("거래 ID;거래명;단계;생성일;마감일;금액;담당자", ("신규", "제안", "협상", "성사", "실패")),
    "de, as HubSpot writes it": (
        "Datensatz-ID;Dealname;Deal-Phase;Erstellungsdatum;Abschlussdatum;Betrag;Zuständiger Mitarbeiter",
        ("Neu", "Angebot erstellt", "Verhandlung", "Abgeschlossen und gewonnen", "Abgeschlossen und verloren"),
    ),
    "de, as Salesforce writes it": (
        "Opportunity-ID;Opportunity-Name;Phase;Erstelldatum;Schlusstermin;Betrag;Opportunity-Inhaber",
        ("Suche nach Interessenten", "Angebot/Preisangebot", "Verhandlung/Prüfung", "Gewonnen", "Verloren"),
    ),
    "hy": (
        "Գործարքի համար;Գործարքի անվանում;Փուլ;Ստեղծման ամսաթիվ;Փակման ամսաթիվ;Գումար;Պատասխանատու",
        ("Նոր", "Առաջարկ ուղարկված", "Բանակցություններ", "Շահված", "Կորցրած"),
    ),
    "uk": (
        "ID угоди;Назва;Етап;Дата створення;Дата закриття;Сума;Відповідальний",
        ("Нова", "Пропозиція надіслана", "Переговори", "Виграно", "Програно"),
    ),
    "nl": (
        "ID;Titel;Fase;Aangemaakt op;Gesloten op;Waarde;Verantwoordelijke",
        ("Nieuw", "Offerte verzonden", "Onderhandeling", "Gewonnen", "Verloren"),
    ),
}
CONCEPTS = ("lead", "proposal", "negotiation", "won", "lost")
PLANS = {
    "sv": ("Avslutsdatum", "Förväntat avslutsdatum"),
    "da": ("Lukkedato", "Forventet lukkedato"),
    "cs": ("Datum uzavření", "Očekávané datum uzavření"),
    "sk": ("Dátum uzavretia", "Predpokladaný dátum uzavretia"),
    "hu": ("Lezárás dátuma", "Várható lezárás dátuma"),
    "ro": ("Data închiderii", "Data estimată a închiderii"),
}


def deals(header: str, stages: tuple[str, ...]) -> str:
    """Sixty deals, twelve at each stage; those that ended have a day of it."""
    lines = [header]
    for number in range(60):
        stage = number % 5
        made = date(2025, 1, 6) + timedelta(days=4 * number)
        ended = f"{made + timedelta(days=20 + number % 9):%d.%m.%Y}" if stage > 2 else ""
        # Each name is given twice: it is no id.
        lines.append(
            f"{4000 + number};Deal {number // 2};{stages[stage]};{made:%d.%m.%Y};{ended};{1000 + 37 * number};{'AB'[number % 2]}"
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", LISTS)
def test_a_list_of_deals_opens_right(tmp_path: Path, language: str) -> None:
    header, stages = LISTS[language]
    parts = ("lead", "", "label", "created", "closed", "amount", "owner")
    wanted = {part: head for part, head in zip(parts, header.split(";"), strict=True) if part}
    with mapped(*written(tmp_path, deals=deals(header, stages))) as found:
        assert {part: column for part, (_, column) in found.mapping.parts.items()} == wanted
        assert found.concepts() == dict(zip(stages, CONCEPTS, strict=True))
        assert {each.leads for each in found.loaded.labels} == {12}


@pytest.mark.parametrize("language", PLANS)
def test_a_day_that_is_only_planned_ends_nothing(tmp_path: Path, language: str) -> None:
    header, stages = LISTS[language]
    planned = header.replace(*PLANS[language])
    assert planned != header
    with mapped(*written(tmp_path, deals=deals(planned, stages))) as found:
        assert "closed" not in found.mapping.parts
        assert found.warnings()["undated_wins"].values["n"] == 12


APPROVED = """id,cliente,etapa,created_date,approved_date,signed_date
1,Alfa,Assinado,2025-01-02,2025-01-10,2025-01-20
2,Beta,Aprovado,2025-01-03,2025-01-12,
3,Gama,Em análise,2025-01-04,,
4,Delta,Assinado,2025-01-05,2025-01-15,2025-02-01
5,Eps,Recusado,2025-01-06,,
"""


@pytest.mark.parametrize("label", ["Aprovado", "Genehmigt", "Одобрено", "Approuvé", "審批通過"])
def test_a_date_in_english_is_that_of_the_label_in_another_language(tmp_path: Path, label: str) -> None:
    with mapped(*written(tmp_path, deals=APPROVED.replace("Aprovado", label))) as found:
        days = [(lead, day) for lead, name, day in found.entries() if name == label]
        assert days == [("1", "2025-01-10"), ("2", "2025-01-12"), ("4", "2025-01-15")]
        assert [(lead, day) for lead, name, day in found.entries() if name == "Assinado"] == [
            ("1", "2025-01-20"),
            ("4", "2025-02-01"),
        ]


def test_a_date_that_two_labels_could_mean_is_of_neither(tmp_path: Path) -> None:
    two = APPROVED.replace("Em análise", "Aprovação")
    with mapped(*written(tmp_path, deals=two)) as found:
        assert [lead for lead, name, _ in found.entries() if name == "Aprovado"] == ["2"]


def test_a_day_of_acceptance_is_not_that_of_an_approval(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, deals=APPROVED.replace("approved_date", "accepted_date"))) as found:
        assert [lead for lead, name, _ in found.entries() if name == "Aprovado"] == ["2"]
