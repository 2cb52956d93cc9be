"""The catalogue is whole, says the same in six languages, and names the place of a mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnel import catalogue
from funnel.errors import QuestionError
from funnel.nouns import IGNORED, LOST_CONCEPTS

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
    for text in catalogue.doubtful_labels():
        meant.setdefault(catalogue.normalised(text).replace(" ", ""), set()).add("doubtful")
    for dialect in catalogue.dialects():
        for text, concept_key in dialect.labels.items():
            meant.setdefault(text.replace(" ", ""), set()).add(concept_key)
    assert {text: keys for text, keys in meant.items() if len(keys) > 1} == {}


def test_every_weak_word_is_a_synonym() -> None:
    synonyms = {catalogue.normalised(text) for concept in catalogue.concepts() for text in concept.synonyms}
    synonyms |= {catalogue.normalised(text) for text in catalogue.doubtful_labels()}
    assert {text for text in catalogue.label_words("weak") if catalogue.normalised(text) not in synonyms} == set()


def test_standard_and_aida_as_the_source_names_them() -> None:
    assert [model.key for model in catalogue.models()][:2] == ["standard", "aida"]
    standard = catalogue.model("standard")
    assert [stage.name for stage in standard.stages] == [
        "Lead generation",
        "Qualification",
        "Presentation and proposal",
        "Negotiation and closing",
        "Retention and development",
    ]
    assert [stage.name for stage in catalogue.model("aida", "ru").stages] == [
        "Осведомлённость",
        "Интерес",
        "Желание",
        "Действие",
    ]
    assert "1898" in catalogue.model("aida").description
    assert standard.placement({"Demo": "demo", "Won": "won", "Lost": "lost", "Task": "ignored", "X": "unplaced"}) == {
        "Demo": 2,
        "Won": 4,
    }


def test_models_name_every_stage_in_six_languages_and_place_every_concept() -> None:
    for table in catalogue._model_tables().values():
        assert all(stage["names"].keys() == LANGUAGES for stage in table["stages"]), table["key"]
    for key in ("standard", "aida"):
        placed = [concept for stage in catalogue.model(key).stages for concept in stage.concepts]
        assert sorted(placed) == sorted(USUAL_ORDER)


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(QuestionError, match=r"no model “aido”\. There are: standard, aida"):
        catalogue.model("aido")


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "Mine"\n[[stages]]\nname = "In talks"\nconcepts = ["lead", "contacted"]\n[[stages]]\nname = "Done"\nlabels = ["Pay day"]\n'
    )
    model = catalogue.read_model(path)
    assert (model.key, model.name, model.kind) == ("mine", "Mine", "concepts")
    assert [(stage.key, stage.name, stage.concepts, stage.labels) for stage in model.stages] == [
        ("in-talks", "In talks", ("lead", "contacted"), ()),
        ("done", "Done", (), ("Pay day",)),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stages = 3", "mine.toml, stages: found 3. Accepted: at least one [[stages]]."),
        ("", "mine.toml, stages: found nothing. Accepted: at least one [[stages]]."),
        (
            '[[stages]]\nname = "A"',
            "mine.toml, stages no. 1: found a stage that takes nothing. Accepted: a list `concepts`",
        ),
        (
            '[[stages]]\nname = "A"\nconcepts = ["demoo"]',
            "mine.toml, stages no. 1, concepts: found 'demoo'. Accepted: awareness, interest",
        ),
        (
            '[[stages]]\nname = "A"\nconcepts = ["lost"]',
            "mine.toml, stages no. 1, concepts: found 'lost'. Accepted: awareness",
        ),
        (
            '[[stages]]\nname = 5\nconcepts = ["demo"]',
            "mine.toml, stages no. 1, name: found 5. Accepted: a text, or a text by language.",
        ),
        (
            '[[stages]]\nconcepts = ["demo"]',
            "mine.toml, stages no. 1, names: found nothing. Accepted: a text, or a text by language.",
        ),
        (
            '[[stages]]\nname = "A"\nconcept = ["demo"]',
            "mine.toml, stages no. 1, concept: found an unknown key. Accepted: key, name",
        ),
        (
            'kind = "round"\n[[stages]]\nname = "A"\nconcepts = ["demo"]',
            "mine.toml, kind: found 'round'. Accepted: concepts, labels.",
        ),
        (
            '[[stages]]\nname = "A"\nconcepts = ["demo"]\n[[stages]]\nname = "B"\nconcepts = ["demo"]',
            "mine.toml, stages no. 2, concepts: found 'demo' for the second time. Accepted: each in one stage only.",
        ),
        ("[[stages", "mine.toml is not a valid TOML file: "),
    ],
)
def test_a_wrong_model_file_names_file_and_key(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(catalogue.CatalogueError) as caught:
        catalogue.read_model(path)
    assert str(caught.value).startswith(message)


def test_a_model_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(catalogue.CatalogueError, match=r"cannot be read: No such file"):
        catalogue.read_model(tmp_path / "none.toml")
    (tmp_path / "picture.toml").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(catalogue.CatalogueError, match=r"picture.toml is not a valid TOML file: it is not UTF-8 text"):
        catalogue.read_model(tmp_path / "picture.toml")


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
    ],
)
def test_headers_that_read_the_same_compare_equal(one: str, other: str) -> None:
    assert catalogue.normalised(one) == catalogue.normalised(other)


def test_what_reads_differently_stays_different() -> None:
    assert catalogue.normalised("ติดต่อ") != catalogue.normalised("ติดตอ")
    assert catalogue.normalised("-") == "-"
    assert catalogue.normalised("Stage 2") != catalogue.normalised("Stage 3")
