"""What kind of value a text is that is no stage: worked out by hand."""

from __future__ import annotations

import pytest

from funnel import catalogue
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT
from funnel.mapping.labels import label_concepts

KINDS = """
geography: Portugal | Ohio | OR | EMEA | South West | Rio de Janeiro | Казань | 大阪 | North America | US
employment: Self-employed | Freelancer | Retired | Vollzeit | безработный | 학생 | Employed full time
reason: Too expensive | No budget | Bad timing | went with competitor | Lack of budget | дорого | 予算不足 | Trop cher
role: CEO | VP of Sales | Chief Technology Officer | Senior Software Engineer | Главный бухгалтер | 部長
product: Starter | Enterprise | Mid-market | XL | Tier 2
channel: LinkedIn | google / cpc | Paid search | Word of mouth | реклама | 展示会 | Facebook Ads
priority: Low | urgent | P1 | Very high | срочно | 緊急
industry: Healthcare | Oil & gas | Retail and e-commerce | Financial services | недвижимость | 制造业
boolean: yes | FALSE | 0 | да | Não | いいえ
gender: Female | M | мужской | 女性
education: Bachelor's degree | PhD | High School | магистр | 高中
"""
TABLE = [
    (text.strip(), line.split(":", 1)[0])
    for line in KINDS.strip().splitlines()
    for text in line.split(":", 1)[1].split("|")
]


@pytest.mark.parametrize(("text", "kind"), TABLE)
def test_kind_of_a_text(text: str, kind: str) -> None:
    assert label_concepts.kind(text) == kind


@pytest.mark.parametrize(
    "text", ["", "Won", "Proposal sent", "Acme Holding", "or", "in", "m", "Lead", "Other", "12 May"]
)
def test_no_kind(text: str) -> None:
    # "or", "in" and "m" are codes in capitals only; "m" is a size all the same.
    assert label_concepts.kind(text) == ("product" if text == "m" else None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Small", "Medium", "Large"], ("product", 1.0)),
        (["Low", "Medium", "High"], ("priority", 1.0)),
        (["Google", "Referral", "Event", "Purple"], ("channel", 0.75)),
        # What says nothing does not count, nor do blanks.
        (["Google", "Other", " ", "unknown", "Sommerfest"], ("channel", 0.5)),
        (["No", "Yes", "Norway"], ("boolean", 2 / 3)),
        (["IN", "OR", "DE"], ("geography", 1.0)),
        (["New", "Demo", "Won", "Lost"], None),
        (["Other", ""], None),
        ([], None),
    ],
)
def test_kind_of_values(values: list[str], expected: tuple[str, float] | None) -> None:
    assert label_concepts.kind_of_values(values) == expected


def test_hot_warm_and_cold_are_stages_too() -> None:
    values = ["Hot", "Warm", "Cold"]
    assert label_concepts.kind_of_values(values) == ("priority", 1.0)
    assert label_concepts.stage_share(values) == 1.0
    assert [label_concepts.guess(value) for value in values] == [
        ("engagement", 1.0),
        ("interest", 1.0),
        ("awareness", 1.0),
    ]


def test_no_place_plan_trade_role_or_degree_is_a_win_or_an_exit() -> None:
    kinds = ("geography", "product", "industry", "role", "education", "gender", "boolean")
    texts = [text for kind in kinds for part in catalogue.value_kinds()[kind] for text in part]
    assert len(texts) > 1000
    assert [text for text in texts if label_concepts.guess(text)[0] in {WON_CONCEPT, *LOST_CONCEPTS}] == []
