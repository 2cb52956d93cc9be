"""The stage models of the catalogue: whole, named as their sources name them, in six languages."""

from __future__ import annotations

import unicodedata

import pytest

from funnel import catalogue
from funnel.catalogue.checked import read
from funnel.core.errors import QuestionError
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Loop, StageModel, Unit
from funnel.words import wording

SCRIPTS = {"en": "LATIN", "ru": "CYRILLIC", "hy": "ARMENIAN", "ar": "ARABIC", "fa": "ARABIC", "th": "THAI"}
CONCEPTS = [concept.key for concept in catalogue.concepts() if concept.key not in LOST_CONCEPTS]
STAGES = {
    "standard": "Lead generation|Qualification|Presentation and proposal|Negotiation and closing|Retention and development",
    "aida": "Awareness|Interest|Desire|Action",
    "extended": (
        "Lead generation|Qualification|Preparation|Presentation and proposal|Additional offer|Pilot|Negotiation and closing"
        "|Retention and development"
    ),
    "complex": (
        "Lead generation|Qualification|Presentation and proposal|Stakeholder approval|Additional checks"
        "|Negotiation and closing|Retention and development"
    ),
    "four-elements": "Awareness|Interest|Decision|Action",
    "awareness-to-loyalty": "Awareness|Interest|Evaluation|Engagement|Purchase|Loyalty",
    "awareness-to-customer": "Awareness|Interest|Action|Engagement|Opportunity|Customer",
    "full-funnel": "Lead generation|Nurturing|Sales activation|Customer retention",
    "tofu-mofu-bofu": "Top of the funnel|Middle of the funnel|Bottom of the funnel",
    "lifecycle": "Subscriber|Lead|Marketing qualified|Sales qualified|Opportunity|Customer|Evangelist",
    "inbound": "Lead captured|Qualified by sales development|Demo|Contract|Customer success|Expansion",
    "outbound": "Prospected|Contacted|Qualified|Demo|Contract|Customer success|Expansion",
    "account-based": "Target account|Engaged|Opportunity|Customer|Expansion",
    "consumer-decision-journey": "Consider|Evaluate|Buy|Enjoy, advocate, bond",
    "b2c": "Attraction|Interest|Decision|Purchase|Satisfaction and loyalty",
    "reverse": "Lead|Qualification|Proposal|Closing",
}

# Concepts that a model takes earlier or later than the usual order has them; its file says why.
OUT_OF_ORDER = {
    "aida": {"interest"},
    "four-elements": {"interest"},
    "awareness-to-loyalty": {"interest"},
    "full-funnel": {"interest"},
    "outbound": {"interest"},
    "b2c": {"interest"},
    "account-based": {"interest", "evaluation"},
    "awareness-to-customer": {"evaluation"},
    "consumer-decision-journey": {"expansion"},
}


def names(key: str, language: str) -> list[str]:
    with wording.speaking(language):
        return [stage.name for stage in catalogue.model(key).stages]


def texts(model: StageModel) -> list[str]:
    return [model.name, model.description, *(stage.name for stage in model.stages)]


def scripts(text: str) -> list[str]:
    """The script of each letter of a text."""
    return [unicodedata.name(sign).split()[0] for sign in text if unicodedata.category(sign).startswith("L")]


def test_the_catalogue_is_whole_and_its_stages_are_named_as_their_sources_name_them() -> None:
    assert {model.key: "|".join(stage.name for stage in model.stages) for model in catalogue.models()} == STAGES
    assert [model.key for model in catalogue.models()] == list(STAGES)


@pytest.mark.parametrize("key", STAGES)
def test_each_file_is_named_by_its_key_and_says_everything_in_six_languages(key: str) -> None:
    table = read(catalogue.FOLDER / "models" / f"{key}.toml")
    assert table["key"] == key
    tables = [table["names"], table["description"], *(stage["names"] for stage in table["stages"])]
    assert all(by_language.keys() == SCRIPTS.keys() for by_language in tables)
    assert all(len(set(stage["names"].values())) == 6 for stage in table["stages"])


def test_there_is_a_file_for_each_of_the_seventeen_models() -> None:
    files = {path.stem for path in (catalogue.FOLDER / "models").glob("*.toml")}
    assert files == {*STAGES, "as-recorded"}
    assert len(files) == 17
    with wording.speaking("th"):
        recorded = catalogue.recorded()
    assert (recorded.key, recorded.name, recorded.stages) == ("as-recorded", "ขั้นตอนใน CRM", ())
    table = read(catalogue.FOLDER / "models" / "as-recorded.toml")
    assert table["names"].keys() == table["description"].keys() == SCRIPTS.keys()


def test_each_file_is_listed_in_a_place_of_its_own() -> None:
    places = [read(catalogue.FOLDER / "models" / f"{key}.toml")["place"] for key in STAGES]
    assert places == list(range(10, 170, 10))


@pytest.mark.parametrize("key", STAGES)
def test_each_concept_is_placed_once_or_left_out_on_purpose(key: str) -> None:
    model = catalogue.model(key)
    placed = [concept for stage in model.stages for concept in stage.concepts]
    assert sorted((*placed, *model.left_out)) == sorted(CONCEPTS)
    assert len({stage.key for stage in model.stages}) == len(model.stages)


@pytest.mark.parametrize("key", STAGES)
def test_stages_follow_the_usual_order_of_what_they_take(key: str) -> None:
    placed = [[CONCEPTS.index(concept) for concept in stage.concepts] for stage in catalogue.model(key).stages]
    assert all(concepts == sorted(concepts) for concepts in placed)
    everything = [place for concepts in placed for place in concepts]
    moved = OUT_OF_ORDER.get(key, set())
    ordered = [place for place in everything if CONCEPTS[place] not in moved]
    assert ordered == sorted(ordered)
    assert (everything == sorted(everything)) == (not moved)


def test_the_win_has_a_stage_in_every_model_and_an_exit_in_none() -> None:
    for model in catalogue.models():
        win = model.win_stage({"Closed Won": WON_CONCEPT})
        assert win is not None
        assert WON_CONCEPT in model.stages[win].concepts
        assert (
            model.placement({"Lost": "lost", "Spam": "disqualified", "Gone": "unresponsive", "Task": "ignored"}) == {}
        )


@pytest.mark.parametrize("key", STAGES)
@pytest.mark.parametrize("language", SCRIPTS)
def test_texts_are_in_the_script_of_their_language(key: str, language: str) -> None:
    with wording.speaking(language):
        model = catalogue.model(key)
    for stage in model.stages:
        assert set(scripts(stage.name)) == {SCRIPTS[language]}, stage.name
    found = scripts(model.description)
    assert found.count(SCRIPTS[language]) > 0.85 * len(found)
    assert set(found) <= {SCRIPTS[language], "LATIN"}
    if key != "aida":
        assert SCRIPTS[language] in scripts(model.name)


@pytest.mark.parametrize(("language", "foreign"), [("ar", "پچژگکی"), ("fa", "يكةى")])
def test_arabic_and_persian_are_not_mixed_up(language: str, foreign: str) -> None:
    with wording.speaking(language):
        models = catalogue.models()
    for model in models:
        assert not [text for text in texts(model) if set(text) & set(foreign)]


def test_no_text_has_a_false_friend() -> None:
    for language, wrong in [
        ("hy", "կապար"),
        ("hy", "նշանադր"),
        ("ar", "رصاص"),
        ("ar", "سند"),
        ("th", "หมั้น"),
        ("fa", "سرب"),
    ]:
        with wording.speaking(language):
            models = catalogue.models()
        assert not [text for model in models for text in texts(model) if wrong in text]


@pytest.mark.parametrize(
    ("key", "language", "expected"),
    [
        ("complex", "hy", "Լիդերի ներգրավում|Որակավորում|Ներկայացում և առաջարկ|Շահագրգիռ կողմերի հաստատում|Լրացուցիչ ստուգումներ"
         "|Բանակցություններ և գործարքի կնքում|Հաճախորդի պահպանում և զարգացում"),
        ("standard", "ar", "توليد العملاء المحتملين|التأهيل|العرض والاقتراح|التفاوض وإتمام الصفقة|الاحتفاظ بالعميل وتطويره"),
        ("aida", "ru", "Осведомлённость|Интерес|Желание|Действие"),
        ("aida", "fa", "آگاهی|علاقه|تمایل|اقدام"),
        ("awareness-to-loyalty", "th", "การรับรู้|ความสนใจ|การประเมิน|การมีส่วนร่วม|การซื้อ|ความภักดี"),
        ("awareness-to-loyalty", "hy", "Իրազեկում|Հետաքրքրություն|Գնահատում|Ներգրավում|Գնում|Հավատարմություն"),
        ("awareness-to-customer", "ar", "الوعي|الاهتمام|الإجراء|التفاعل|الفرصة|العميل"),
        ("consumer-decision-journey", "fa", "بررسی|ارزیابی|خرید|لذت، حمایت، پیوند"),
        ("consumer-decision-journey", "ar", "الاعتبار|التقييم|الشراء|الاستمتاع والتوصية والارتباط"),
        ("tofu-mofu-bofu", "ru", "Верх воронки|Середина воронки|Низ воронки"),
        ("tofu-mofu-bofu", "th", "ด้านบนของกรวย|ตรงกลางของกรวย|ด้านล่างของกรวย"),
        ("inbound", "ru", "Лид получен|Квалифицирован отделом развития продаж|Демонстрация|Договор|Успех клиента|Расширение"),
    ],
)  # fmt: skip
def test_stages_are_named_in_other_languages_as_a_speaker_would(key: str, language: str, expected: str) -> None:
    assert names(key, language) == expected.split("|")


def test_a_stage_is_called_as_the_concept_that_it_is() -> None:
    same = {
        "lead": ["reverse", "lifecycle"], "contacted": ["outbound"], "qualified": ["outbound"], "mql": ["lifecycle"],
        "preparation": ["extended"], "additional_offer": ["extended"], "pilot": ["extended"], "proposal": ["reverse"],
        "approval": ["complex"], "checks": ["complex"], "demo": ["inbound", "outbound"], "expansion": ["inbound"],
    }  # fmt: skip
    for language in SCRIPTS:
        with wording.speaking(language):
            called = catalogue.concept_names()
        for concept, keys in same.items():
            assert all(called[concept] in names(key, language) for key in keys), (concept, language)


def test_what_is_special_stands_in_the_file() -> None:
    found = {model.key: model for model in catalogue.models()}
    journey = found["consumer-decision-journey"]
    assert journey.loop == Loop("buy", ("consider", "evaluate"))
    assert journey.placement({"Won": "won", "Upsell": "expansion", "Demo": "demo", "Renewal": "retention"}) == {
        "Won": 2, "Upsell": 2, "Demo": 1, "Renewal": 3,
    }  # fmt: skip
    assert {key for key, model in found.items() if model.loop} == {"consumer-decision-journey"}
    assert {key for key, model in found.items() if model.unit is Unit.ACCOUNT} == {"account-based"}
    assert {key for key, model in found.items() if model.reading == "backward"} == {"reverse"}
    assert {model.kind for model in found.values()} == {"concepts"}


def test_a_model_has_a_year_and_a_source_or_says_that_it_is_common_practice() -> None:
    found = {model.key: model for model in catalogue.models()}
    assert {key: model.year for key, model in found.items() if model.year} == {
        "aida": 1898,
        "consumer-decision-journey": 2009,
    }
    assert found["aida"].source == "E. St. Elmo Lewis; W. W. Townsend, Bond Salesmanship, 1924"
    assert found["consumer-decision-journey"].source.endswith("McKinsey Quarterly, June 2009")
    for model in found.values():
        assert bool(model.source) == bool(model.year)
        assert bool(model.source) != ("common practice" in model.description)
        assert not model.source or model.source not in model.description


def test_the_same_labels_find_their_place_in_every_model() -> None:
    labels = {concept: concept for concept in CONCEPTS}
    standard = catalogue.model("standard").placement(labels)
    assert [standard[label] for label in ("lead", "meeting", "demo", "negotiation", "won")] == [0, 1, 2, 3, 4]
    coarse = catalogue.model("tofu-mofu-bofu").placement(labels)
    assert [coarse[label] for label in ("lead", "meeting", "demo", "negotiation", "won")] == [0, 1, 1, 2, 2]
    assert all(model.placement(labels).keys() == labels.keys() for model in catalogue.models() if not model.left_out)


def test_a_language_without_texts_is_answered_in_english() -> None:
    with wording.speaking("fr"):
        model = catalogue.model("aida")
    assert model == catalogue.model("aida")


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        QuestionError, match=r"no model “aido”\. There are: standard, aida, extended, .*, reverse, as-recorded;"
    ):
        catalogue.model("aido")
