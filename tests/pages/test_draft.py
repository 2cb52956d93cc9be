"""The model editor's drafts: every change gives a new draft, worked out by hand."""

from __future__ import annotations

import pytest

from funnel import Stage, StageModel, Unit
from funnel.core.types import Loop
from pages.ui.draft import Draft, DraftStage, free, slug

MODEL = StageModel(
    key="journey",
    name="Journey",
    stages=(
        Stage("consider", "Consider", ("lead", "mql")),
        Stage("evaluate", "Evaluate", ("demo",), ("Trial",), "They *said* so.", "Who?", ("Owner", "Amount")),
        Stage("buy", "Buy", ("won",)),
        Stage("bond", "Bond", ("retention",)),
    ),
    description="Round and round.",
    unit=Unit.ACCOUNT,
    reading="backward",
    loop=Loop("buy", ("consider", "evaluate")),
    left_out=("awareness", "pilot"),
    year=2009,
    source="A quarterly",
)


def names(draft: Draft) -> list[str]:
    return [stage.name for stage in draft.stages]


def takes(draft: Draft) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(stage.concepts, stage.labels) for stage in draft.stages]


def keys(model: StageModel) -> list[str]:
    return [stage.key for stage in model.stages]


def test_a_draft_that_was_not_changed_is_its_model() -> None:
    assert Draft.of(MODEL).model("journey") == MODEL


def test_what_must_be_true_to_enter_a_stage_is_changed_and_merged() -> None:
    draft = Draft.of(MODEL).enter("0", " They answered. ").ask("0", "Why?").require("0", ["E-mail"]).require("1", [])
    first, second, *_ = draft.model().stages
    assert (first.entry, first.ask, first.requires) == ("They answered.", "Why?", ("E-mail",))
    assert (second.entry, second.ask, second.requires) == ("They *said* so.", "Who?", ())
    # To enter both as one is to enter the first; what is to be asked at either is asked there.
    merged = draft.require("1", ["Owner"]).merge("0").model().stages[0]
    assert (merged.entry, merged.ask, merged.requires) == ("They answered.", "Why? Who?", ("E-mail",))
    assert draft.enter("9", "Nobody.") == draft


def test_a_copy_under_another_name_does_not_claim_the_source() -> None:
    copy = Draft.of(MODEL, "Ours").model("ours")
    assert (copy.name, copy.year, copy.source) == ("Ours", None, "")
    assert copy.stages == MODEL.stages


def test_a_model_of_labels_takes_its_labels_and_nothing_by_meaning() -> None:
    recorded = StageModel("as-recorded", "CRM stages", (Stage("New", "New", ("lead",), ("New",)),), kind="labels")
    draft = Draft.of(recorded, "Mine")
    assert takes(draft) == [((), ("New",))]
    here = {"New": "lead", "Fresh": "lead"}
    assert draft.model().placement(here) == recorded.placement(here) == {"New": 0}


def test_each_change_leaves_the_draft_before_as_it_was() -> None:
    draft = Draft.of(MODEL)
    for changed in (
        draft.add("More"),
        draft.rename("0", "Other"),
        draft.move("0", 1),
        draft.merge("0"),
        draft.remove("0"),
        draft.take_concepts("0", ["demo"]),
        draft.take_labels("0", ["Trial"]),
    ):
        assert changed != draft
        assert draft == Draft.of(MODEL)


def test_stages_move_by_one_and_stop_at_the_ends() -> None:
    draft = Draft.of(MODEL)
    assert names(draft.move("2", -1)) == ["Consider", "Buy", "Evaluate", "Bond"]
    assert names(draft.move("0", 1)) == ["Evaluate", "Consider", "Buy", "Bond"]
    assert draft.move("0", -1) == draft
    assert draft.move("3", 1) == draft


def test_merged_stages_are_one_under_the_first_name() -> None:
    draft = Draft.of(MODEL).merge("0")
    assert names(draft) == ["Consider", "Buy", "Bond"]
    assert takes(draft)[0] == (("lead", "mql", "demo"), ("Trial",))
    assert draft.merge("3") == draft
    assert draft.model().loop == Loop("buy", ("consider",))


def test_a_loop_that_lost_its_stage_or_all_it_passes_by_is_no_loop() -> None:
    draft = Draft.of(MODEL)
    assert draft.remove("0").model().loop == Loop("buy", ("evaluate",))
    assert draft.remove("0").remove("1").model().loop is None
    assert draft.remove("2").model().loop is None
    assert draft.merge("1").model().loop == Loop("evaluate", ("consider",))


def test_what_a_stage_takes_is_taken_from_the_other() -> None:
    draft = Draft.of(MODEL).take_concepts("2", ["won", "lead"]).take_labels("0", ["Trial", "Visit"])
    assert takes(draft) == [
        (("mql",), ("Trial", "Visit")),
        (("demo",), ()),
        (("won", "lead"), ()),
        (("retention",), ()),
    ]
    assert draft.take_concepts("2", []).unplaced_concepts(["lead", "mql", "won"]) == ("lead", "won")


def test_a_concept_that_finds_a_stage_is_no_longer_left_out() -> None:
    assert Draft.of(MODEL).take_concepts("0", ["lead", "pilot"]).model().left_out == ("awareness",)


def test_a_renamed_stage_gets_a_new_key_and_a_loop_follows() -> None:
    model = Draft.of(MODEL).rename("2", "  Purchase, at last ").model()
    assert keys(model) == ["consider", "evaluate", "purchase-at-last", "bond"]
    assert model.stages[2].name == "Purchase, at last"
    assert model.loop == Loop("purchase-at-last", ("consider", "evaluate"))


def test_keys_are_distinct_even_where_names_make_none() -> None:
    stages = (DraftStage("0", "A b"), DraftStage("1", "a-B"), DraftStage("2", "?"), DraftStage("3", "!"))
    assert keys(Draft("x", stages).model()) == ["a-b", "a-b-2", "stage-3", "stage-4"]


def test_a_new_stage_never_takes_the_id_of_another() -> None:
    draft = Draft.of(MODEL).remove("1").add("More")
    assert [stage.id for stage in draft.stages] == ["0", "2", "3", "4"]
    assert Draft("empty").add("First").stages == (DraftStage("0", "First"),)


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        (Draft("x"), ["no_stage"]),
        (Draft(" ", (DraftStage("0", "A", ("lead",)),)), ["no_name"]),
        (Draft("x", (DraftStage("0", "  ", ("lead",)),)), ["unnamed"]),
        (Draft("x", (DraftStage("0", "A"), DraftStage("1", "B", ("lead",)))), ["takes_nothing"]),
        (Draft("x", (DraftStage("0", "Deal", ("lead",)), DraftStage("1", " deal ", ("won",)))), ["same_name"]),
        (Draft("x", (DraftStage("0", "", ("lead",)), DraftStage("1", "", ("won",)))), ["unnamed", "unnamed"]),
        (Draft.of(MODEL), []),
    ],
)
def test_what_is_missing_is_named(draft: Draft, told: list[str]) -> None:
    assert [problem.key.rsplit(".", 1)[1] for problem in draft.problems()] == told


def test_labels_without_a_stage_are_missed_unless_they_are_exits() -> None:
    here = {
        "New": "lead",
        "Trial": "pilot",
        "Visit": "meeting",
        "Call": "ignored",
        "Lost": "lost",
        "Gone": "unresponsive",
    }
    assert Draft.of(MODEL).unplaced_labels(here) == ("Visit",)
    assert Draft("empty").unplaced_labels(here) == ("New", "Trial", "Visit")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Standard B2B", "standard-b2b"),
        ("Էտապ ա", "էտապ-ա"),
        ("../../etc/passwd", "etc-passwd"),
        ("<b>&", "b"),
        ("///", ""),
        ("  ", ""),
        ("a" * 99, "a" * 60),
    ],
)
def test_a_name_as_a_key(name: str, key: str) -> None:
    assert slug(name) == key


def test_a_taken_text_gets_a_number() -> None:
    assert free("A", set()) == "A"
    assert free("A", {"A", "A 2"}) == "A 3"
    assert free("a", {"a"}, "-") == "a-2"
