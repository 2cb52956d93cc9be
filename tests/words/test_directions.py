"""Names, signs and percentages in sentences that begin at the right, each read as one piece."""

from __future__ import annotations

import pytest

from funnel.words import directions, wording

LEFT, RIGHT = directions.LEFT, directions.RIGHT


def aside(text: str) -> str:
    return f"{RIGHT}{LEFT}{text}{LEFT}{RIGHT}"


@pytest.mark.parametrize(("tag", "share"), [("fa", "۸٫۴٪"), ("ar", "8.4%")])
def test_a_percentage_keeps_its_sign_at_one_side(tag: str, share: str) -> None:
    with wording.speaking(tag):
        assert wording.percent(0.084) == aside(share)
        assert wording.percent(0.0001) == aside("<" + share.replace("8.4", "0.1").replace("۸٫۴", "۰٫۱"))
        assert wording.number(12) in ("12", "۱۲")


def test_a_sign_belongs_to_the_number_behind_it() -> None:
    with wording.speaking("fa"):
        assert wording.number(-7) == aside("-۷")
        assert wording.say("charts.cohort_drop", rate=0.25) == aside("−۲۵٪")
        assert wording.say("charts.segments_more_leads", n=32) == aside("+۳۲ سرنخ")


def test_names_do_not_draw_what_stands_beside_them() -> None:
    with wording.speaking("ar"):
        assert directions.named("Referral") == aside("Referral")
        assert directions.named("قمع B2B") == f"{RIGHT}قمع B2B{RIGHT}"
        assert directions.named("قمع") == "قمع"
        assert directions.named("12") == "12"
        assert wording.listed(["New", "Closed won"]) == f"{aside('New')} و {aside('Closed won')}"
        assert wording.listed(["قمع", "مرحلة", "عميل محتمل"]) == "قمع ومرحلة وعميل محتمل"
        assert wording.listed(["New", "Demo", "12 صفقة"]) == f"{aside('New')}، {aside('Demo')} و12 صفقة"
        assert directions.placed("بين", "قمع", value=True) == ("بين", "قمع")
        assert directions.placed(" و", "Outbound", value=True) == (" و\u00a0", aside("Outbound"))
        assert directions.placed(" و", "قمع", value=True) == (" و", "قمع")
        assert wording.dotted(["CRM", "12"]) == f"CRM{RIGHT} · 12"


def test_no_dot_stands_beside_persian_digits_whose_zero_it_is() -> None:
    with wording.speaking("fa"):
        assert wording.dotted(["CRM", "۱۲"]) == f"CRM{RIGHT}؛ ۱۲"
    assert [key for key, said in wording.sentences("fa").items() if "·" in str(said)] == []


def test_percentages_that_a_sentence_says_itself_are_set_aside() -> None:
    assert directions.shares_aside("بازه ۹۵٪ از") == f"بازه {aside('۹۵٪')} از"
    assert directions.shares_aside("نطاق 95% إلى") == f"نطاق {aside('95%')} إلى"


def test_lines_from_the_left_have_no_marks() -> None:
    for tag in wording.languages():
        if tag in ("ar", "fa"):
            continue
        with wording.speaking(tag):
            said = wording.percent(0.084) + wording.number(-7) + wording.listed(["New"]) + wording.dotted(["a", "b"])
            assert directions.bare(said) == said


def test_thai_names_of_several_words_are_parted() -> None:
    with wording.speaking("th"):
        assert wording.listed(["Organic search 79", "Email 12", "Call 8"]) == "Organic search 79, Email 12 และ Call 8"
        assert wording.listed(["New", "Closed won"]) == "New และ Closed won"
        assert wording.listed(["กรวย", "ลีด", "ดีล"]) == "กรวย ลีด และดีล"
        assert wording.listed(["New"]) == "New"
