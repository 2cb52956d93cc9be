"""What a watch found, as plain data for `--json`, and as lines for people and for messages."""

from __future__ import annotations

from typing import Any

from funnel.core.types import Note
from funnel.measures.watch_digest import Digest
from funnel.measures.watch_found import Watched, seldom, told
from funnel.measures.watch_news import Alarm, News
from funnel.measures.watch_other import Judged
from funnel.words import wording


def watch(found: Watched, news: News, digest: Digest | None) -> dict[str, Any]:
    """The alarms, what is calm, what is not judged and why, and how many false alarms of steps a year are promised at most."""
    return {
        "as_of": found.as_of.isoformat(),
        "model": found.question.model.key,
        "alarms": [_alarm(each) for each in news.alarms],
        "calm": [each.rule.key for each in found.calm],
        "not_judged": [{"rule": each.rule.key, "why": _said(each.said)} for each in found.unjudged],
        "promised_per_year": found.rules.false_alarms_a_year,
        **({} if digest is None else {"digest": _digest(found, digest)}),
    }


def watch_lines(found: Watched, news: News, digest: Digest | None, *, with_leads: bool, new_only: bool) -> list[str]:
    """A line for each alarm, then the digest; `with_leads`: with names of leads and amounts; `new_only`: without what was told before."""
    alarms = news.new if new_only else news.alarms
    lines = [_alarm_line(each, with_leads) for each in alarms]
    return lines if digest is None else [*lines, *_digest_lines(found, news, digest, with_leads)]


def _alarm(alarm: Alarm) -> dict[str, Any]:
    window = alarm.window
    counts: dict[str, Any] = {}
    if window is not None:
        counts = {
            "cohorts": [each.first.isoformat() for each in window.cohorts],
            "converted": window.converted,
            "entered": window.entered,
            "rate": window.converted / window.entered,
            "usual": [window.low, window.high],
        }
    return {
        "rule": alarm.key,
        "new": alarm.new,
        "since": alarm.since.isoformat(),
        **counts,
        "one_in": None if alarm.one_in is None else _said(alarm.one_in),
        "text": _said(alarm.said),
    }


def _alarm_line(alarm: Alarm, with_leads: bool) -> str:
    text = _said(alarm.said if with_leads else alarm.plain)
    if alarm.of is not None and alarm.of.years is not None:
        text = wording.say("command.watch_chance", text=text, chance=_said(seldom(alarm.of.years, "_said")))
    key = "command.watch_new" if alarm.new else "command.watch_known"
    return wording.say(key, text=text, since=alarm.since)


def _digest(found: Watched, digest: Digest) -> dict[str, Any]:
    steps = []
    for step in found.steps:
        window = step.window
        steps.append(
            {
                "rule": step.rule.key,
                "days": step.of.day,
                "period": step.of.period.value,
                "converted": None if window is None else window.converted,
                "entered": None if window is None else window.entered,
                "usual": None if window is None else [window.low, window.high],
                "smallest_fall": step.smallest_fall,
                "too_young": {"cohorts": len(step.of.young), "leads": sum(each.entered for each in step.of.young)},
            }
        )
    return {
        "new_leads": {"week": digest.week, "week_before": digest.before},
        "steps": steps,
        "wins": _said(digest.wins),
        "stalled": [{"lead": each.lead, "stage": each.stage, "days": each.days} for each in digest.stalled],
    }


def _digest_lines(found: Watched, news: News, digest: Digest, with_leads: bool) -> list[str]:
    values = {"new": len(news.new), "known": len(news.alarms) - len(news.new), "calm": len(found.calm)}
    values |= {"unjudged": len(found.unjudged)}
    lines = [
        wording.say("command.watch_line", as_of=found.as_of, model=found.question.model.name, **values),
        wording.say("command.watch_digest_new", week=digest.week, before=digest.before),
    ]
    for step in found.steps:
        if step.window is not None:
            lines.append(_said(told(step, step.window)))
        if step.smallest_fall is not None:
            lines.append(wording.say("command.watch_digest_smallest", step=_name(step.name), fall=step.smallest_fall))
    lines.append(_said(digest.wins))
    if with_leads:
        for each in digest.stalled:
            lines.append(wording.say("command.watch_digest_stalled", lead=each.lead, stage=each.stage, days=each.days))
    for step in found.steps:
        if step.of.young:
            leads = sum(each.entered for each in step.of.young)
            values = {"leads": leads, "cohorts": len(step.of.young), "days": step.of.day or 0}
            lines.append(wording.say("command.watch_digest_young", step=_name(step.name), **values))
    return [*lines, *(_unjudged_line(found, each) for each in found.unjudged)]


def _unjudged_line(found: Watched, judged: Judged) -> str:
    rule = _name(found.name_of(judged))
    return wording.say("command.watch_unjudged_line", rule=rule, text=_said(judged.said))


def _name(word: Any) -> str:
    return wording.say(word.key, **word.values)


def _said(note: Note) -> str:
    return wording.say(note.key, **note.values)
