"""Stage models as files: what is accepted, what a wrong one is answered, and that a saved one reads back the same."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel import catalogue
from funnel.core.types import Loop, Stage, StageModel, Unit
from funnel.words import wording
from tests.thorough import examples, thorough

A = '[[stages]]\nname = "A"\nconcepts = ["demo"]\n'
AB = A + '[[stages]]\nname = "B"\nconcepts = ["won"]\n'
CONCEPTS = [concept.key for concept in catalogue.concepts() if concept.kind == "stage"]


def read(text: str | bytes, name: str = "mine.toml") -> StageModel:
    return catalogue.read_model_text(text, name)


def wrong(text: str | bytes, name: str = "mine.toml") -> str:
    with pytest.raises(catalogue.CatalogueError) as caught:
        read(text, name)
    return str(caught.value)


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "Mine"\n[[stages]]\nname = "In talks"\nconcepts = ["lead", "contacted"]\n[[stages]]\nname = "Done"\nlabels = ["Pay day"]\n'
    )
    model = catalogue.read_model(path)
    assert model == StageModel(
        "mine", "Mine", (Stage("in-talks", "In talks", ("lead", "contacted")), Stage("done", "Done", (), ("Pay day",)))
    )
    assert catalogue.read_model_text(path.read_bytes(), "mine.toml") == model
    # One stage takes concepts, the other a label of its own: a label that is named wins over its concept.
    assert model.placement({"New": "lead", "Pay day": "lead", "Old": "demo"}) == {"New": 0, "Pay day": 1}


def test_a_model_of_labels_only_tells_what_they_mean() -> None:
    model = read(
        'kind = "labels"\n[[stages]]\nname = "Calls"\nlabels = ["Call 1", "Call 2"]\nconcepts = ["contacted"]\n'
        '[[stages]]\nname = "More calls"\nlabels = ["Call 3"]\nconcepts = ["contacted", "unplaced"]\n'
    )
    assert [stage.concepts for stage in model.stages] == [("contacted",), ("contacted", "unplaced")]
    assert model.placement({"Call 1": "contacted", "Call 3": "contacted", "Call 4": "contacted"}) == {
        "Call 1": 0,
        "Call 3": 1,
    }


def test_all_that_a_file_can_say() -> None:
    model = read(
        'key = "m"\nname = "M"\nunit = "account"\nreading = "backward"\nyear = 1999\nsource = "A book"\nplace = 5\n'
        'left_out = ["pilot", "checks"]\ndescription = "Why."\nloop = {to = "b", past = ["a"]}\n' + AB
    )
    assert (model.unit, model.reading, model.year, model.source) == (Unit.ACCOUNT, "backward", 1999, "A book")
    assert (model.loop, model.left_out, model.description) == (Loop("b", ("a",)), ("pilot", "checks"), "Why.")


def test_texts_by_language_and_names_on_one_line() -> None:
    text = A + 'names = {ru = "А", en = " Two\\n lines "}\n'
    text = text.replace('name = "A"\n', "")
    assert read(text).stages[0].name == "Two lines"
    for language, name in (("ru", "А"), ("th", "Two lines")):
        with wording.speaking(language):
            assert catalogue.read_model_text(text, "mine.toml").stages[0].name == name
    assert read(A.replace('name = "A"', 'name = {ru = "Только"}')).stages[0].name == "Только"


def test_what_must_be_true_to_enter_a_stage_and_what_to_ask_there() -> None:
    text = A + 'entry = {ru = "Ответ", en = " Two\\n lines "}\nask = "Who?"\nrequires = ["Owner", " E-mail"]\n'
    (stage,) = read(text).stages
    assert (stage.entry, stage.ask, stage.requires) == ("Two lines", "Who?", ("Owner", " E-mail"))
    assert (catalogue.entry_condition(stage), catalogue.worth_asking(stage)) == ("Two lines", "Who?")
    with wording.speaking("ru"):
        assert [read(text).stages[0].entry, read(text).stages[0].ask] == ["Ответ", "Who?"]
    # What a stage does not say itself, its concepts say: it stays unsaid in the file.
    (silent,) = read(A).stages
    assert (silent.entry, silent.ask, silent.requires) == ("", "", ())
    assert catalogue.entry_condition(silent) == "The problem is accepted as one to solve."
    saved = catalogue.model_toml(StageModel("m", "M", (replace(stage, entry='"Yes"'), Stage("b", "B", ("won",)))))
    assert 'requires = ["Owner", " E-mail"]\nentry = "\\"Yes\\""\nask = "Who?"\n\n[[stages]]\nkey = "b"' in saved
    assert saved.endswith('concepts = ["won"]\n')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stages = 3", ", stages: found 3. Accepted: at least one [[stages]]."),
        ("", ", stages: found nothing. Accepted: at least one [[stages]]."),
        ('[[stages]]\nname = "A"', ", stages no. 1: found a stage that takes nothing. Accepted: a list `concepts`"),
        ('[[stages]]\nname = "A"\nconcepts = ["demoo"]', ", stages no. 1, concepts: found 'demoo'. Accepted: awareness, interest"),
        ('[[stages]]\nname = "A"\nconcepts = ["lost"]', ", stages no. 1, concepts: found 'lost'. Accepted: awareness"),
        ('[[stages]]\nname = 5\nconcepts = ["demo"]', ", stages no. 1, name: found 5. Accepted: a text, or a text by language."),
        ('[[stages]]\nconcepts = ["demo"]', ", stages no. 1, names: found nothing. Accepted: a text, or a text by language."),
        ('[[stages]]\nname = "A"\nconcept = ["demo"]', ", stages no. 1, concept: found an unknown key. Accepted: key, name"),
        (A + "entry = 5", ", stages no. 1, entry: found 5. Accepted: a text, or a text by language."),
        (A + "ask = {en = 5}", ", stages no. 1, ask, en: found 5. Accepted: a text in quotes."),
        (A + 'entry = " "', ", stages no. 1, entry, en: found ' '. Accepted: a text in quotes."),
        (A + 'requires = "Owner"', ", stages no. 1, requires: found 'Owner'. Accepted: a list of texts."),
        (A + 'requires = ["Owner", " "]', ", stages no. 1, requires: found ['Owner', ' ']. Accepted: a list of texts."),
        (A + 'requires = ["Owner", "Owner"]', ", stages no. 1, requires: found 'Owner' for the second time. Accepted: each column once."),
        (A + f"requires = {[str(place) for place in range(31)]}", ", stages no. 1, requires: found 31 columns. Accepted: at most 30."),
        ('kind = "round"\n' + A, ", kind: found 'round'. Accepted: concepts, labels, recorded."),
        (A + A.replace('"A"', '"B"'), ", stages no. 2, concepts: found 'demo' for the second time. Accepted: each in one stage only."),
        (A + A.replace("demo", "won"), ", stages no. 2, key: found 'a' for the second time. Accepted: each in one stage only."),
        ('kind = "labels"\n' + A, ", stages no. 1, labels: found a stage that takes no label. Accepted: a list of labels"),
        ('kind = "labels"\n' + A.replace("demo", "dem") + 'labels = ["x"]', ", stages no. 1, concepts: found 'dem'. Accepted: awareness"),
        ('unit = "person"\n' + A, ", unit: found 'person'. Accepted: lead, account."),
        ("unit = 3\n" + A, ", unit: found 3. Accepted: lead, account."),
        ('reading = "up"\n' + A, ", reading: found 'up'. Accepted: forward, backward."),
        ('year = "1898"\n' + A, ", year: found '1898'. Accepted: a year, as a number from 1 to 9999."),
        ("year = 0\n" + A, ", year: found 0. Accepted: a year, as a number from 1 to 9999."),
        ("year = true\n" + A, ", year: found True. Accepted: a year"),
        ("year = 0x" + "f" * 9000 + "\n" + A, ", year: found a number far too large. Accepted: a year"),
        ("year = " + "9" * 9000 + "\n" + A, " is not a valid TOML file: "),
        ("source = 4\n" + A, ", source: found 4. Accepted: a text in quotes."),
        ("place = 1.5\n" + A, ", place: found 1.5. Accepted: a number; models with small ones are listed first."),
        ('left_out = "won"\n' + A, ", left_out: found 'won'. Accepted: a list of texts."),
        ('left_out = ["wonn"]\n' + A, ", left_out: found 'wonn'. Accepted: awareness, interest"),
        ('left_out = ["lost"]\n' + A, ", left_out: found 'lost'. Accepted: awareness, interest"),
        ('left_out = ["demo"]\n' + A, ", left_out: found 'demo', which the stage 'a' takes. Accepted: concepts that no stage takes."),
        ("loop = 1\n" + AB, ", loop: found 1. Accepted: a table."),
        ('loop = {past = ["a"]}\n' + AB, ", loop, to: found nothing. Accepted: a, b."),
        ('loop = {to = "c", past = ["a"]}\n' + AB, ", loop, to: found 'c'. Accepted: a, b."),
        ('loop = {to = "b"}\n' + AB, ", loop, past: found nothing. Accepted: a list of texts."),
        ('loop = {to = "b", past = []}\n' + AB, ", loop, past: found an empty list. Accepted: a."),
        ('loop = {to = "b", past = ["b"]}\n' + AB, ", loop, past: found 'b'. Accepted: a."),
        ('loop = {to = "b", past = ["a"], by = 1}\n' + AB, ", loop, by: found an unknown key. Accepted: to, past."),
        ("colour = 1\n" + A, ", colour: found an unknown key. Accepted: key, kind, place, name"),
        ("[[stages", " is not a valid TOML file: "),
        ("x = " + "[" * 5000, " is not a valid TOML file: "),
        (b"\x89PNG\xff\xfe", " is not a valid TOML file: it is not UTF-8 text."),
        (b"\x00\x00", " is not a valid TOML file: "),
    ],
)  # fmt: skip
def test_a_wrong_file_is_answered_with_file_and_key_and_what_is_accepted(content: str | bytes, message: str) -> None:
    assert wrong(content).startswith(f"mine.toml{message}")


def test_a_long_value_is_not_quoted_whole() -> None:
    said = wrong(f'kind = "{"x" * 5000}"\n{A}')
    assert len(said) < 200
    assert said.endswith("…. Accepted: concepts, labels, recorded.")


def test_sizes_are_bounded(tmp_path: Path) -> None:
    def stages(count: int) -> str:
        return "".join(f'[[stages]]\nname = "s{place}"\nlabels = ["{place}"]\n' for place in range(count))

    assert len(read(stages(60)).stages) == 60
    assert wrong(stages(61)) == "mine.toml, stages: found 61 stages. Accepted: at most 60."
    padding = "#" * (1_000_000 - len(A))
    assert read(A + padding).key == "mine"
    for content in (A + padding + "#", (A + padding + "#").encode(), A + "#" + "я" * 500_000):
        assert wrong(content).startswith("mine.toml is larger than 1,000,000 bytes, so it is no stage model")
    (tmp_path / "large.toml").write_text(A + padding + "#")
    with pytest.raises(catalogue.CatalogueError, match=r"large\.toml is larger than 1,000,000 bytes"):
        catalogue.read_model(tmp_path / "large.toml")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(catalogue.CatalogueError, match=r"none\.toml cannot be read: No such file"):
        catalogue.read_model(tmp_path / "none.toml")
    with pytest.raises(catalogue.CatalogueError, match=r"cannot be read: "):
        catalogue.read_model(tmp_path)


@pytest.mark.parametrize(("name", "key"), [("a/b/My own.toml", "My own"), ("", "model"), ("  ", "model"), ("x", "x")])
def test_a_file_gives_its_name_to_a_model_without_one(name: str, key: str) -> None:
    assert read(A, name).key == key
    assert read("\ufeff" + A, name) == read(("\ufeff" + A).encode(), name) == read(A.replace("\n", "\r\n"), name)


@pytest.mark.parametrize("language", ["en", "ru", "hy", "ar", "fa", "th"])
def test_each_model_of_the_catalogue_reads_back_from_what_is_saved_of_it(language: str) -> None:
    with wording.speaking(language):
        models = catalogue.models()
    for model in models:
        assert read(catalogue.model_toml(model), "other.toml") == model


def test_a_saved_model_is_a_file_that_a_person_can_edit() -> None:
    model = StageModel(
        "mine", 'My "own"', (Stage("a", "A", ("lead", "demo")), Stage("b", "B", (), ("C:\\won",))),
        unit=Unit.ACCOUNT, loop=Loop("b", ("a",)),
    )  # fmt: skip
    assert catalogue.model_toml(model) == (
        'key = "mine"\nkind = "concepts"\nname = "My \\"own\\""\nunit = "account"\n'
        '\n[loop]\nto = "b"\npast = ["a"]\n'
        '\n[[stages]]\nkey = "a"\nname = "A"\nconcepts = ["lead", "demo"]\n'
        '\n[[stages]]\nkey = "b"\nname = "B"\nlabels = ["C:\\\\won"]\n'
    )


def lines(least: int = 1) -> st.SearchStrategy[str]:
    """Nasty texts on one line, not blank, trimmed: quotes, backslashes, right-to-left, emoji, control signs."""
    nasty = st.text(
        st.sampled_from("\"'\\#[]=,{}$\x00\x07\x1b\x7f\u202e\u200f\u200c\ufeffגשوฟՖ😀é\t AaZz0"), max_size=12
    )
    text = st.one_of(nasty, st.text(max_size=12)).map(lambda text: " ".join(text.splitlines()).strip())
    return text.filter(lambda text: len(text) >= least and len(text.splitlines()) <= 1)


@st.composite
def models(draw: st.DrawFn) -> StageModel:
    kind = draw(st.sampled_from(["concepts", "labels"]))
    keys = draw(st.lists(lines(), min_size=1, max_size=4, unique=True))
    free, words = draw(st.permutations(CONCEPTS)), draw(st.lists(st.text(max_size=9).filter(str.strip), unique=True))
    stages = []
    for place, key in enumerate(keys):
        concepts = tuple(free[4 * place : 4 * place + draw(st.integers(kind == "concepts", 4))])
        labels = (f"{place}", *words[place :: len(keys)])
        required = tuple(draw(st.lists(st.text(max_size=9).filter(str.strip), max_size=3, unique=True)))
        stages.append(Stage(key, draw(lines()), concepts, labels, draw(lines(0)), draw(lines(0)), required))
    if len({label for stage in stages for label in stage.labels}) < sum(len(stage.labels) for stage in stages):
        stages = [replace(stage, labels=stage.labels[:1]) for stage in stages]
    return StageModel(
        key=draw(lines()),
        name=draw(lines()),
        stages=tuple(stages),
        kind=kind,
        description=draw(st.text(max_size=20).map(str.strip)),
        unit=draw(st.sampled_from(Unit)),
        reading=draw(st.sampled_from(["forward", "backward"])),
        loop=Loop(keys[-1], tuple(keys[:-1])) if len(keys) > 1 and draw(st.booleans()) else None,
        left_out=tuple(free[4 * len(keys) : 4 * len(keys) + draw(st.integers(0, 5))]),
        year=draw(st.none() | st.integers(1, 9999)),
        source=draw(lines(0)),
    )


@thorough
@settings(max_examples=examples(150), deadline=None)
@given(models())
def test_any_model_reads_back_from_what_is_saved_of_it(model: StageModel) -> None:
    text = catalogue.model_toml(model)
    assert read(text) == read(text.encode()) == model
    assert tomllib.loads(text)["name"] == model.name


@settings(max_examples=examples(100), deadline=None)
@given(st.one_of(st.text(), st.binary(), st.text().map(lambda text: A + text)))
def test_any_content_is_a_model_or_a_sentence(content: str | bytes) -> None:
    try:
        found = read(content)
    except catalogue.CatalogueError:
        assert wrong(content).startswith("mine.toml")
    else:
        assert found.stages


V = A + '[[versions]]\nfrom = {}\n[[versions.stages]]\nname = "A"\nconcepts = ["demo"]\n'


def test_versions_are_read_in_the_order_of_their_days() -> None:
    more = '[[versions]]\nfrom = 2025-07-01\n[[versions.stages]]\nname = {en = "Call", ru = "Звонок"}\nconcepts = ["contacted"]\n'
    model = read(V.format("2025-04-01") + more)
    assert [version.since for version in model.versions] == [None, date(2025, 4, 1), date(2025, 7, 1)]
    # It is read in its latest version, of the leads that came since; every version is in the language of the words.
    assert (model.version, [stage.name for stage in model.stages]) == (2, ["Call"])
    with wording.speaking("ru"):
        assert read(V.format("2025-04-01") + more).stages[0].name == "Звонок"
    assert model.on(date(2025, 6, 30)).version == 1
    assert model.on(date(2025, 3, 31)).seams[0].until == date(2025, 4, 1)
    assert read(catalogue.model_toml(model)) == model
    assert read(catalogue.model_toml(model.in_version(0))) == model
    assert read(V.format('"2025-04-01"')).versions[1].since == date(2025, 4, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (V.format("2025-04-01") + V.format("2025-04-01").removeprefix(A), "versions no. 2, from"),
        (V.format("2025-04-01") + V.format("2025-03-01").removeprefix(A), "a day after 2025-04-01"),
        (V.format("2025-04-01T08:00:00"), "a day, as 2025-04-01"),
        (V.format('"soon"'), "a day, as 2025-04-01"),
        (A + "[[versions]]\nfrom = 2025-04-01\n", r"versions no. 1, stages.*at least one"),
        (A + '[[versions]]\n[[versions.stages]]\nname = "A"\nconcepts = ["demo"]\n', "versions no. 1, from.*nothing"),
        (V.format("2025-04-01").replace('["demo"]', '["dance"]', 2), "dance"),
        (
            A + V.format("2025-04-01").removeprefix(A).replace("demo", "dance"),
            r"versions no. 1, stages no. 1, concepts",
        ),
        (V.format("2025-04-01").replace("from", "since"), "from, stages"),
        ("versions = 3\n" + A, "each with `from`"),
        ("[[versions]]\nfrom = 2025-04-01\n", "stages"),
        (V.format("2025-04-01") + '[loop]\nto = "a"\npast = ["b"]\n', r"no loop in a model that has \[\[versions\]\]"),
        ('kind = "recorded"\n' + V.format("2025-04-01").removeprefix(A), "its stages are the file's labels"),
        (A + V.format("2025-04-01").removeprefix(A) * 21, "at most 20"),
        ('left_out = ["won"]\n' + V.format("2025-04-01").replace("demo", "won", 2), "which the stage"),
    ],
)
def test_broken_versions_are_refused_in_a_sentence(text: str, said: str) -> None:
    assert re.search(said, wrong(text)), wrong(text)
