"""The catalogue is whole, says the same in six languages, and names the place of a mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnel import Stage, catalogue
from funnel.catalogue import criteria
from funnel.catalogue.checked import read
from funnel.core.types import IGNORED, LOST_CONCEPTS
from funnel.words import wording

LANGUAGES = {"en", "ru", "hy", "ar", "fa", "th"}
USUAL_ORDER = [
    "awareness",
    "interest",
    "lead",
    "contacted",
    "mql",
    "qualified",
    "preparation",
    "meeting",
    "demo",
    "evaluation",
    "engagement",
    "proposal",
    "additional_offer",
    "pilot",
    "approval",
    "checks",
    "negotiation",
    "won",
    "onboarding",
    "retention",
    "expansion",
    "advocacy",
]


def matched(header: str) -> dict[str, str]:
    """Dialect → the label that it reads off a header of dates."""
    found: dict[str, str] = {}
    for dialect in catalogue.dialects():
        for pattern in dialect.stage_dates:
            match = re.search(pattern, header)
            if match:
                found.setdefault(dialect.key, match["label"])
    return found


def part(dialect: str, header: str) -> set[str]:
    (found,) = [each for each in catalogue.dialects() if each.key == dialect]
    return {part for part, headers in found.parts.items() if catalogue.normalised(header) in headers}


def test_concepts_stand_in_the_usual_order_then_the_exits() -> None:
    found = catalogue.concepts()
    assert [concept.key for concept in found] == [*USUAL_ORDER, *LOST_CONCEPTS]
    assert [concept.position for concept in found] == list(range(25))
    assert {concept.key for concept in found if concept.kind == "exit"} == set(LOST_CONCEPTS)


def test_concepts_have_names_and_synonyms_in_six_languages() -> None:
    synonyms = {table["key"]: table["synonyms"] for table in read(catalogue.FOLDER / "concepts.toml")["concepts"]}
    for concept in catalogue.concepts():
        assert concept.names.keys() == LANGUAGES, concept.key
        assert synonyms[concept.key].keys() >= LANGUAGES, concept.key
        assert len(set(concept.names.values())) == 6, concept.key


def test_names_have_no_false_friends() -> None:
    texts = " ".join(name for concept in catalogue.concepts() for name in (*concept.names.values(), *concept.synonyms))
    for wrong in ("կապար", "رصاص", "նշանադրություն", "หมั้น", "سند"):
        assert wrong not in texts


def test_a_synonym_means_one_concept() -> None:
    meant: dict[str, set[str]] = {}
    for concept in catalogue.concepts():
        for text in concept.synonyms:
            meant.setdefault(catalogue.normalised(text).replace(" ", ""), set()).add(concept.key)
    for text in catalogue.label_words("ignored"):
        meant.setdefault(catalogue.normalised(text).replace(" ", ""), set()).add(IGNORED)
    for text, concept_key in catalogue.doubtful_labels().items():
        meant.setdefault(catalogue.normalised(text).replace(" ", ""), set()).add(f"perhaps {concept_key}")
    for dialect in catalogue.dialects():
        for text, concept_key in dialect.labels.items():
            meant.setdefault(text.replace(" ", ""), set()).add(concept_key)
    assert {text: keys for text, keys in meant.items() if len(keys) > 1} == {}


def test_every_weak_word_is_a_synonym() -> None:
    synonyms = {catalogue.normalised(text) for concept in catalogue.concepts() for text in concept.synonyms}
    synonyms |= {catalogue.normalised(text) for text in catalogue.doubtful_labels()}
    assert {text for text in catalogue.label_words("weak") if catalogue.normalised(text) not in synonyms} == set()
    completions = {catalogue.normalised(text) for text in catalogue.label_words("completions")}
    alone = {catalogue.normalised(text) for text in catalogue.label_words("alone")}
    assert alone <= synonyms | completions


def test_every_crm_has_its_dialect_and_the_generic_one_comes_last() -> None:
    keys = [dialect.key for dialect in catalogue.dialects()]
    assert set(keys) == {"hubspot", "salesforce", "pipedrive", "kommo", "bitrix24", "odoo", "zoho", "frappe", "generic"}
    assert keys[-1] == "generic"


@pytest.mark.parametrize(
    ("dialect", "header", "wanted"),
    [
        ("hubspot", "Deal Stage", "label"),
        ("hubspot", "Record ID", "lead"),
        ("hubspot", "Deal owner", "owner"),
        ("salesforce", "NewValue", "new_value"),
        ("salesforce", "To Stage", "label"),
        ("salesforce", "From Stage", "from_label"),
        ("pipedrive", "Deal - Status", "outcome"),
        ("pipedrive", "changed_field_key", "field"),
        ("pipedrive", "change_time", "time"),
        ("kommo", "Этап сделки ", "label"),
        ("kommo", "Бюджет, ₽", "amount"),
        ("kommo", "Funil de vendas", "pipeline"),
        ("bitrix24", "OWNER_ID", "lead"),
        ("bitrix24", "Стадия сделки", "label"),
        ("bitrix24", "CREATED_TIME", "time"),
        ("odoo", "Expected Revenue", "amount"),
        ("zoho", "Closing Date", "closed"),
        ("frappe", "To Date", "exited"),
        ("generic", "mql_id", "lead"),
        ("generic", "first_contact_date", "created"),
        ("generic", "تاريخ الإغلاق", "closed"),
        ("generic", "สถานะ", "label"),
        ("generic", "Fecha de Creacion", "created"),
        ("generic", "կարգավիճակ", "label"),
    ],
)
def test_headers_are_known(dialect: str, header: str, wanted: str) -> None:
    assert wanted in part(dialect, header)


@pytest.mark.parametrize(
    ("header", "dialect", "label"),
    [
        ('Date entered "Closed Won (Sales Pipeline)"', "hubspot", "Closed Won (Sales Pipeline)"),
        ("Date entered Contract Sent", "hubspot", "Contract Sent"),
        ("hs_v2_date_entered_appointmentscheduled", "hubspot", "appointmentscheduled"),
        ("hs_v2_date_entered_appointmentscheduled_1234567", "hubspot", "appointmentscheduled"),
        ("hs_date_entered_987654", "hubspot", "987654"),
        ("hs_lifecyclestage_opportunity_date", "hubspot", "opportunity"),
        ("Became a Marketing Qualified Lead Date", "hubspot", "Marketing Qualified Lead"),
        ("demo_date", "generic", "demo"),
        ("Qualified At", "generic", "Qualified"),
        ("won date", "generic", "won"),
        ("proposalDate", "generic", "proposal"),
        ("Дата Презентация", "generic", "Презентация"),
        ("date_contacted", "generic", "contacted"),
    ],
)
def test_headers_of_stage_dates_are_known(header: str, dialect: str, label: str) -> None:
    assert matched(header)[dialect] == label


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deal_Stage ", "deal - stage"),
        ("Fecha de creación", "FECHA DE CREACION"),
        ("Счёт", "счет"),
        ("علاقه‌مند", "علاقه مند"[:5] + "مند"),
        ("مشتري", "مشتری"),
        ("أنشئ", "انشی"),
        ("ﬁrst", "first"),
        ("Ｓｔａｇｅ", "stage"),
        ("KAZANILDI", "kazanıldı"),
        ("Wysłana oferta", "WYSLANA-OFERTA"),
        ("Đã mua", "da  mua"),
        ("İptal", "iptal"),
        ("A\tB\x0bC", "a b c"),
    ],
)
def test_headers_that_read_the_same_compare_equal(one: str, other: str) -> None:
    assert catalogue.normalised(one) == catalogue.normalised(other)


def test_what_reads_differently_stays_different() -> None:
    assert catalogue.normalised("ติดต่อ") != catalogue.normalised("ติดตอ")
    assert catalogue.normalised("-") == "-"
    assert catalogue.normalised(" - _ ") == "- _"
    assert catalogue.normalised("Stage 2") != catalogue.normalised("Stage 3")


DIALECT = 'key = "x"\nname = "X"\n[parts]\nlead = ["Id"]\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (DIALECT.replace('"X"', '" "'), "name: found ' '. Accepted: a text in quotes."),
        (DIALECT.replace('"X"', "3"), "name: found 3. Accepted: a text in quotes."),
        (DIALECT.replace("lead", "leed"), "parts, leed: found an unknown key. Accepted: lead, label"),
        (DIALECT.replace('"Id"', '""'), "parts, lead: found ['']. Accepted: a list of texts."),
        ("colour = 1\n" + DIALECT, "colour: found an unknown key. Accepted: key, name, parts"),
        ("won_values = [' ']\n" + DIALECT, "won_values: found [' ']. Accepted: a list of texts."),
        ("stage_dates = ['(']\n" + DIALECT, "stage_dates: found '('. Accepted: a regular expression"),
        ("stage_exits = ['x']\n" + DIALECT, "stage_exits: found 'x'. Accepted: a regular expression"),
        (DIALECT + '[labels]\nNew = "nonsense"\n', "labels, New: found 'nonsense'. Accepted: awareness"),
        ('key = "x"\nname = "X"\n', "parts: found nothing. Accepted: a table."),
    ],
)
def test_a_wrong_dialect_is_named_by_its_place(tmp_path, monkeypatch, content: str, said: str) -> None:
    assert catalogue.concepts()
    (tmp_path / "dialects").mkdir()
    (tmp_path / "dialects" / "x.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogue, "_content", catalogue._content.__wrapped__)
    with pytest.raises(catalogue.CatalogueError) as wrong:
        catalogue._dialect(tmp_path / "dialects" / "x.toml")
    assert str(wrong.value).startswith(f"x.toml, {said}")


def test_entry_conditions_and_questions_are_whole_in_six_languages() -> None:
    entries = criteria.read(catalogue.FOLDER / "criteria.toml", catalogue.concepts())
    # Which concepts have one, and of those which have nothing to be asked at, as the articles that they come from have it.
    concepts = {concept: bool(each.ask) for each in entries for concept in each.concepts}
    assert list(concepts) == sorted(concepts, key=USUAL_ORDER.index)
    assert concepts == {
        "lead": False, "contacted": False, "qualified": True, "demo": True, "proposal": True, "approval": True, "checks": True,
        "negotiation": True, "won": False, "onboarding": True, "retention": True, "expansion": True,
    }  # fmt: skip
    scripts = {"ru": "а-яё", "hy": "ա-ֆ", "ar": "ء-ي", "fa": "ء-یپچژگک", "th": "ก-๙"}
    for each in entries:
        for texts in filter(None, (each.entry, each.ask)):
            assert texts.keys() == LANGUAGES
            assert len({*texts.values()}) == len(LANGUAGES)
            for language, letters in scripts.items():
                assert re.search(f"[{letters}]", texts[language]), texts[language]
                assert not re.search("[A-Za-z]", texts[language]), texts[language]
        # As many questions in each language.
        marks = {language: len(re.findall("[?؟]", text)) for language, text in each.ask.items() if language != "hy"}
        assert len({*marks.values()}) <= 1
        assert each.ask.get("hy", "").count("։") == marks.get("en", 0)


def test_a_stage_has_the_first_condition_and_all_questions_of_its_concepts() -> None:
    stage = Stage("s", "S", ("won", "negotiation", "onboarding", "awareness"))
    assert catalogue.entry_condition(stage) == "A proposal is in their hands, and someone can sign."
    asked = catalogue.worth_asking(stage)
    assert asked.startswith("What happens between approval and contract?")
    assert asked.endswith("What will success look like in half a year? Who else could use it?")
    with wording.speaking("th"):
        assert catalogue.entry_condition(stage) == "ข้อเสนออยู่ในมือลูกค้าแล้ว และมีผู้ที่ลงนามได้"
    with wording.speaking("de"):
        assert catalogue.worth_asking(stage) == asked
    nothing = Stage("s", "S", ("awareness",), ("x",))
    assert (catalogue.entry_condition(nothing), catalogue.worth_asking(nothing)) == ("", "")
    # A stage that takes labels by name has what these mean in the file.
    meant = {"x": "won", "y": "lead"}
    assert catalogue.entry_condition(nothing, meant) == "The contract is signed, or the order placed."
    assert catalogue.entry_condition(Stage("s", "S", (), ("x",), entry="Ours."), meant) == "Ours."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "criteria: found nothing. Accepted: a list."),
        ('[[criteria]]\nconcepts = ["wonn"]\nentry = "x"', "criteria no. 1, concepts: found 'wonn'. Accepted: awareness, interest"),
        ('[[criteria]]\nconcepts = ["lost"]\nentry = "x"', "criteria no. 1, concepts: found 'lost'. Accepted: awareness, interest"),
        ('[[criteria]]\nconcepts = ["won", "won"]\nask = "x"', "criteria no. 1, concepts: found 'won' for the second time."),
        ('[[criteria]]\nconcepts = ["won"]', "criteria no. 1: found neither. Accepted: a text `entry`, a text `ask`, or both."),
        ('[[criteria]]\nconcepts = ["won"]\nentry = 3', "criteria no. 1, entry: found 3. Accepted: a text, or a text by language."),
    ],
)  # fmt: skip
def test_a_mistake_in_the_criteria_is_named_with_its_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "criteria.toml"
    path.write_text(content)
    with pytest.raises(catalogue.CatalogueError) as caught:
        criteria.read(path, catalogue.concepts())
    assert str(caught.value).startswith(f"criteria.toml, {message}")
