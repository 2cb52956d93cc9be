"""What the Unicode CLDR, through Babel, writes in each language must come back: dates with and without a clock, and amounts."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal

from funnel.core.engine import Engine
from funnel.mapping.cells.dates import read_dates
from funnel.mapping.cells.numbers import read_numbers
from funnel.mapping.profile import Column
from tests.columns import values, write
from tests.thorough import every

DATA = Path(__file__).resolve().parents[2] / "data"
# Languages whose months are digits, and countries with ways of their own.
FURTHER = ["ja", "ko", "zh", "vi", "es_MX", "fr_CA", "pt_PT", "en_GB", "en_AU"]
AMOUNTS = [1234567.5, 12.25, 999.0, 1000.0, -4500.75, 100000.0, 0.5]
CURRENCIES = {"ru": "RUB", "pl": "PLN", "de": "EUR", "de_CH": "CHF", "fr": "EUR", "en_IN": "INR", "hi": "INR", "ja": "JPY",
              "ko": "KRW", "th": "THB", "tr": "TRY", "vi": "VND", "hy": "AMD", "ka": "GEL", "uk": "UAH", "kk": "KZT",
              "he": "ILS", "ar": "SAR", "ar_AE": "AED", "fa": "IRR", "pt": "BRL", "sv": "SEK", "da": "DKK", "cs": "CZK",
              "hu": "HUF", "ro": "RON", "id": "IDR", "zh": "CNY", "uz": "UZS", "be": "BYN", "bn": "BDT"}  # fmt: skip


def languages() -> list[str]:
    with (DATA / "months.toml").open("rb") as file:
        return [language for language in tomllib.load(file) if language != "jalali"] + FURTHER


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def drawn(language: str) -> list[datetime]:
    """Moments of each month, days before and after the twelfth, mornings and afternoons; always the same."""
    chance = random.Random(language)
    moments = [datetime(2024, month, day) for month in range(1, 13) for day in (5, 23)]
    return [moment + timedelta(minutes=chance.randrange(24 * 60)) for moment in moments]


@pytest.mark.parametrize("clock", [None, "short", "medium"])
@pytest.mark.parametrize("language", every(4, languages()))
def test_each_language_is_read(engine: Engine, language: str, clock: str | None) -> None:
    for length in ("short", "medium", "long", "full"):
        texts: list[str | None] = []
        for at in drawn(language):
            text = format_date(at, length, locale=language)
            if clock:
                joined = get_datetime_format(length, locale=language).replace("'", "")
                text = joined.replace("{1}", text).replace("{0}", format_time(at, clock, locale=language))
            texts.append(text)
        found = read_dates(engine, write(engine, texts, "Date"), "Date", as_of=datetime(2026, 1, 1))
        assert found is not None, texts[0]
        said = [at if clock else at.replace(hour=0, minute=0) for at in drawn(language)]
        assert values(engine, found.expression) == said, texts[0]
        distinct = tuple(sorted({text for text in texts if text}))
        assert Column("Date", len(texts), len(distinct), distinct, True).is_date


@pytest.mark.parametrize("language", CURRENCIES)
def test_amounts_of_each_language_are_read(engine: Engine, language: str) -> None:
    currency = CURRENCIES[language]
    for texts in (
        [format_decimal(amount, locale=language) for amount in AMOUNTS],
        [format_currency(amount, currency, locale=language, currency_digits=False) for amount in AMOUNTS],
        [f"{currency} {format_decimal(amount, locale=language)}" for amount in AMOUNTS],
        [f"{format_decimal(amount, locale=language)}\u00a0{currency}" for amount in AMOUNTS],
    ):
        found = read_numbers(engine, write(engine, list(texts), "amount"), "amount")
        assert found is not None, texts[0]
        assert values(engine, found.expression) == AMOUNTS, texts[0]
        assert found.ambiguous is False
        assert Column("amount", len(texts), len(texts), tuple(texts), True).numbers == 1
