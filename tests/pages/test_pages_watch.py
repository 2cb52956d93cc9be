"""The box Watch on Overview: it asks nothing until it is opened; its rules are kept, go out as a file, and come back."""

from __future__ import annotations

import re

import pytest

import funnel
from funnel.core.types.watch import DataRule, Direction, OpenValueRule, StepRule, TargetRule, WatchRules, WinsRule
from funnel.storage import watch_rules
from tests import watch_leads
from tests.pages.apps import below, uploaded

LEADS = watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4)).encode()
HOSTILE = "<img src=x> ![x](http://evil.example/p.png) [a](http://evil.example) :material/home:"


def box(at, *, opens: bool = True):  # type: ignore[no-untyped-def]
    """The page with the box opened, as a click does it."""
    if opens:
        at.session_state["watch"] = True
        at.run()
    assert not at.exception, at.exception[0].stack_trace
    return at


def texts(at) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(each.value for each in (*at.markdown, *at.caption))


def field(at, name: str, kind: str):  # type: ignore[no-untyped-def]
    """The field of the form whose key begins so; what it is called changes with the rules."""
    [found] = [each for each in getattr(at, kind) if str(each.key).startswith(f"watch_{name}_")]
    return found


def kept(at):  # type: ignore[no-untyped-def]
    [button] = [each for each in at.button if each.label == "Keep these rules"]
    button.click().run()
    assert not at.exception, at.exception[0].stack_trace
    return at.session_state["workspace"].watch


@pytest.fixture
def opened():  # type: ignore[no-untyped-def]
    return box(uploaded(LEADS, "deals.csv", page="overview"))


def test_a_closed_box_asks_nothing(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    asked = []
    monkeypatch.setattr("pages.sections.watch_view.watch", lambda *words: asked.append(words))
    at = uploaded(LEADS, "deals.csv", page="overview")
    assert not at.exception
    assert asked == []
    assert "rules ring" not in texts(at)


def test_what_rings_is_said_with_its_chance_and_the_past(opened) -> None:  # type: ignore[no-untyped-def]
    said = texts(opened).replace("\\", "").replace("\u2060", "")
    assert "New → Demo done is below its usual range: " in said
    assert "By chance alone that happens " in said
    assert "It has been ringing since " in said
    assert "By chance alone the steps ring about 1 time a year at most" in said
    assert "in the past year, as the counts are known now:" in said


def test_rules_are_kept_and_saved_with_the_project(opened, tmp_path) -> None:  # type: ignore[no-untyped-def]
    steps = field(opened, "steps", "multiselect")
    steps.set_value(steps.value[:1])
    field(opened, "budget", "selectbox").set_value(2.0)
    field(opened, "both", "checkbox").check()
    field(opened, "stalled", "checkbox").uncheck()
    field(opened, "open_below", "number_input").set_value(5000)
    field(opened, "target_wins", "number_input").set_value(300)
    rules = kept(opened)
    assert rules is not None
    step, wins, data, value, target = rules.rules
    assert isinstance(step, StepRule)
    assert (step.direction, rules.false_alarms_a_year) == (Direction.BOTH, 2.0)
    assert (wins, data, value) == (WinsRule(), DataRule(), OpenValueRule(5000.0))
    assert isinstance(target, TargetRule)
    assert target.wins == 300
    space = opened.session_state["workspace"]
    path = tmp_path / "watched.funnel"
    space.data_set.save(path, space.work())
    with funnel.open(path) as again:
        assert again.work.watch == rules


def test_no_rule_at_all_is_refused(opened) -> None:  # type: ignore[no-untyped-def]
    field(opened, "steps", "multiselect").set_value([])
    for name in ("wins", "stalled", "data"):
        field(opened, name, "checkbox").uncheck()
    assert kept(opened) is None
    assert "Choose at least one rule" in opened.error[0].value


def test_a_file_of_rules_is_what_the_command_reads(opened) -> None:  # type: ignore[no-untyped-def]
    rules = WatchRules((StepRule("New", 5, Direction.BOTH),), 4.0)
    [uploader] = below(opened).file_uploader
    uploader.upload("watch.toml", watch_rules.to_toml(rules).encode(), "application/toml").run()
    assert not opened.exception
    assert opened.session_state["workspace"].watch == rules
    # Days of a step are not on the form, and stay as they were.
    assert kept(opened).steps == rules.steps
    [usual] = [each for each in opened.button if each.label == "Back to the usual rules"]
    usual.click().run()
    assert opened.session_state["workspace"].watch is None


def test_a_file_that_is_none_changes_nothing_and_says_why(opened) -> None:  # type: ignore[no-untyped-def]
    [uploader] = below(opened).file_uploader
    uploader.upload("watch.toml", b"[[rule]]\nkind = 'sales'\n", "application/toml").run()
    assert not opened.exception
    assert opened.session_state["workspace"].watch is None
    assert "sales" in opened.error[0].value


def test_a_hostile_label_is_inert() -> None:
    at = box(
        uploaded(
            watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4), f'"{HOSTILE}"').encode(),
            "deals.csv",
            page="overview",
        )
    )
    assert r"\<img" in texts(at)
    for live in ("<img", "![", "](", ":material/home"):
        assert not re.search(rf"(?<!\\){re.escape(live)}", texts(at)), live


def test_a_file_without_moments_says_why_nothing_is_judged() -> None:
    rows = b"Deal ID,Stage,Amount\n" + b"".join(
        b"d%d,%s,5\n" % (n, stage) for n in range(30) for stage in [(b"New", b"Won")[n % 2]]
    )
    at = box(uploaded(rows, "deals.csv", page="overview"))
    assert not at.exception
