"""The catalogue is whole, says the same in six languages, and names the place of a mistake."""

from __future__ import annotations

import re

import pytest

from funnel import catalogue
from funnel.core.types import IGNORED, LOST_CONCEPTS

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
    synonyms = {table.text("key"): table.table("synonyms") for table in catalogue._concept_file().tables("concepts")}
    for concept in catalogue.concepts():
        assert concept.names.keys() == LANGUAGES, concept.key
        assert synonyms[concept.key].values.keys() >= LANGUAGES, concept.key
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
