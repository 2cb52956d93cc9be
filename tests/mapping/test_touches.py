"""Files of touches beside files of leads: which they are, whom each line touched, and where every line went."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel import DataSet, MappingError, MappingOverrides, mapping
from funnel.core.sql import Query
from funnel.core.types import Apart

AS_OF = datetime(2026, 4, 1)
LEADS = """lead_id,contact id,email,account,stage,entered_at
L1,C1,ann@a.com,Acme,Lead,2026-01-10
L1,C1,ann@a.com,Acme,Won,2026-03-20
L2,C2,Bob@a.com,Acme,Lead,2026-02-01
L3,C3,,Beta,Lead,2026-01-15
"""
HEAD = "lead_id,touched_at,channel\n"


@contextmanager
def opened(
    folder: Path,
    leads: str = LEADS,
    overrides: MappingOverrides | None = None,
    named: tuple[str, ...] = (),
    **touches: str,
) -> Iterator[DataSet]:
    """The leads beside files of touches by their names; those that are `named` are given as touches."""
    paths = {name: folder / f"{name}.csv" for name in ("leads", *touches)}
    for name, text in {"leads": leads, **touches}.items():
        paths[name].write_text(text, encoding="utf-8")
    beside = [path for name, path in paths.items() if name not in named]
    given = [paths[name] for name in named]
    with funnel.open(*beside, touches=given, overrides=overrides, as_of=AS_OF) as data_set:
        yield data_set


def rows(data_set: DataSet) -> list[tuple[str, str, str]]:
    """(lead, moment, channel) of each touch of a lead, in the order of leads and time."""
    form = data_set.journeys.tables.form
    moment = form.time.format("touches.touched_at")
    query = f"""SELECT leads.lead_id, {moment}, touches.channel FROM touches
INNER JOIN leads ON {form.key} = touches.lead_code ORDER BY leads.lead_id, touches.touched_at, touches.touch"""
    return [
        (lead, str(at).removesuffix(" 00:00:00"), channel) for lead, at, channel in data_set.engine.rows(Query(query))
    ]


def apart(data_set: DataSet) -> dict[int, str]:
    """Line → why it is no touch."""
    query = "SELECT apart.source_line, apart.reason FROM touches_apart AS apart"
    return dict(data_set.engine.rows(Query(query)))


def test_lines_become_touches_of_leads_or_stand_apart_with_a_reason(tmp_path: Path) -> None:
    text = HEAD + (
        "L1,2026-01-05,Webinar\n"
        "L9,2026-01-05,Webinar\n"  # nobody
        "L1,2026-05-05,Webinar\n"  # not yet
        "L1,,Webinar\n"
        "L1,soon,Webinar\n"
        "L3,2026-01-02,\n"  # no channel
    )
    with opened(tmp_path, touches=text) as data_set:
        assert rows(data_set) == [("L1", "2026-01-05", "Webinar"), ("L3", "2026-01-02", "(none)")]
        assert apart(data_set) == {3: "unmatched", 4: "future", 5: "no_time", 6: "bad_time"}
        assert data_set.touches is not None
        assert data_set.touches.apart == {
            Apart.NO_TIME: 1, Apart.BAD_TIME: 1, Apart.FUTURE: 1, Apart.UNMATCHED: 1
        }  # fmt: skip
        leads, touched = data_set.files
        assert (leads.name, touched.name) == ("leads.csv", "touches.csv")
        assert (touched.rows_read, touched.rows_used, touched.rows_rejected, touched.rows_ignored) == (6, 2, 2, 2)
        assert list(data_set.rejects()["source_line"]) == [5, 6]
        assert data_set.touches.direct == ("(none)",)


def test_the_lead_is_known_by_its_id_else_the_e_mail_else_the_account(tmp_path: Path) -> None:
    text = "Lead ID,Contact ID,E-mail,Account,Touched at,Channel\n" + (
        "L1,C2,bob@a.com,Beta,2026-01-01,One\n"
        ",C2,ann@a.com,Beta,2026-01-01,Two\n"
        ",, BOB@A.com ,Beta,2026-01-01,Three\n"
        ",,nobody@a.com,Acme,2026-01-01,Four\n"
        "L9,C3,,,2026-01-01,Five\n"
    )
    with opened(tmp_path, touches=text) as data_set:
        found = [(lead, channel) for lead, _, channel in rows(data_set)]
        assert sorted(found) == [
            ("L1", "Four"),
            ("L1", "One"),
            ("L2", "Four"),
            ("L2", "Three"),
            ("L2", "Two"),
            ("L3", "Five"),
        ]
        # One touch of an account is one, however many leads it has.
        assert data_set.engine.row(Query("SELECT COUNT(DISTINCT touches.touch) FROM touches"))[0] == 5


def test_members_of_campaigns_count_where_they_responded_and_when(tmp_path: Path) -> None:
    members = "CampaignId,Campaign Name,LeadId,ContactId,Type,Status,HasResponded,FirstRespondedDate,CreatedDate\n" + (
        "701,Fair,L1,,Lead,Responded,true,2026-02-03,2026-01-01\n"
        "701,Fair,,C2,Contact,Sent,false,,2026-01-01\n"
        "702,Webinar,,C2,Contact,Attended,TRUE,2026-01-20,2026-01-01\n"
    )
    with opened(tmp_path, members=members) as data_set:
        assert rows(data_set) == [("L1", "2026-02-03", "Fair"), ("L2", "2026-01-20", "Webinar")]
        assert apart(data_set) == {3: "sent"}


def test_influence_that_was_shared_out_is_refused(tmp_path: Path) -> None:
    influence = "CampaignId,OpportunityId,ContactId,Influence,ModelId,RevenueShare,CreatedDate\n701,L1,C1,50,M1,500,2026-01-05\n"
    with pytest.raises(MappingError, match="shared out"), opened(tmp_path, influence=influence, named=("influence",)):
        pass
    with opened(tmp_path, influence=influence) as data_set:
        assert data_set.touches is None


def test_activities_name_several_and_some_are_only_sent_or_planned(tmp_path: Path) -> None:
    activities = "Record ID,Activity type,Activity date,Status,Associated Contact IDs\n" + (
        "901,Call,2026-01-05 10:00,Completed,C1;C2\n"
        "902,Marketing email sent,2026-01-06 10:00,,C1\n"
        "903,Meeting,2026-01-07 10:00,Not Started,C1\n"
        "904,Meeting,2026-06-07 10:00,Completed,C1\n"
    )
    with opened(tmp_path, activities=activities) as data_set:
        assert [(lead, channel) for lead, _, channel in rows(data_set)] == [("L1", "Call"), ("L2", "Call")]
        assert apart(data_set) == {3: "sent", 4: "planned", 5: "future"}


def test_the_channel_of_an_address_is_its_medium_else_its_source(tmp_path: Path) -> None:
    log = "timestamp,utm_source,utm_medium,utm_campaign,email\n" + (
        "2026-01-05 10:00:00,google,CPC,spring,ann@a.com\n"
        "2026-01-06 10:00:00,google,cpc,spring,ann@a.com\n"
        "2026-01-07 10:00:00,Newsletter,,spring,ann@a.com\n"
        "2026-01-08 10:00:00,,,,ann@a.com\n"
        "2026-01-09 10:00:00,(direct),,,ann@a.com\n"
    )
    with opened(tmp_path, log=log) as data_set:
        assert [channel for _, _, channel in rows(data_set)] == ["CPC", "CPC", "Newsletter", "(none)", "(direct)"]
        assert data_set.touches is not None
        assert set(data_set.touches.direct) == {"(none)", "(direct)"}


def test_visitors_who_are_no_leads_are_nobody(tmp_path: Path) -> None:
    visits = "visitor_id,visit time,referrer_type\nL3,2026-01-05 10:00:00,search\nV7,2026-01-05 10:00:00,search\nV8,2026-01-05,direct\n"
    with opened(tmp_path, visits=visits) as data_set:
        assert [lead for lead, *_ in rows(data_set)] == ["L3"]
        assert data_set.warnings[0].key == "touches.many_unmatched"


def test_the_same_touch_within_a_minute_is_one(tmp_path: Path) -> None:
    text = HEAD + (
        "L1,2026-01-05 10:00:00,Web\n"
        "L1,2026-01-05 10:00:59,web\n"  # again
        "L1,2026-01-05 10:00:30,Email\n"
        "L2,2026-01-05 10:00:10,Web\n"
        "L1,2026-01-05 10:01:59,Web\n"
    )
    with opened(tmp_path, touches=text) as data_set:
        assert apart(data_set) == {3: "duplicate"}
        assert len(rows(data_set)) == 4


def test_of_days_alone_only_equal_lines_are_the_same_touch(tmp_path: Path) -> None:
    text = "lead_id,touched_at,channel,campaign\n" + ("L1,2026-01-05,Web,a\nL1,2026-01-05,Web,b\nL1,2026-01-05,Web,a\n")
    with opened(tmp_path, touches=text) as data_set:
        assert apart(data_set) == {4: "duplicate"}


def test_files_in_another_order_make_the_same_touches(tmp_path: Path) -> None:
    one, two = HEAD + "L1,2026-01-05,Web\nL1,2026-01-06,Email\n", HEAD + "L1,2026-01-05,Fair\nL2,2026-01-05,Fair\n"
    with (
        opened(tmp_path, a_touches=one, b_touches=two) as first,
        opened(tmp_path, b_touches=two, a_touches=one) as second,
    ):
        assert rows(first) == rows(second)
        assert rows(first)[0] == ("L1", "2026-01-05", "Web")


def test_touches_may_come_before_the_leads(tmp_path: Path) -> None:
    paths = tmp_path / "visits.csv", tmp_path / "zz.csv"
    paths[0].write_text(HEAD + "L1,2026-01-05,Web\nL9,2026-01-05,Web\n")
    paths[1].write_text(LEADS)
    with funnel.open(*paths, as_of=AS_OF) as data_set:
        assert rows(data_set) == [("L1", "2026-01-05", "Web")]
        assert [(file.name, file.rows_used) for file in data_set.files] == [("visits.csv", 1), ("zz.csv", 4)]


def test_a_list_of_leads_with_a_channel_is_no_file_of_touches(tmp_path: Path) -> None:
    leads = "lead_id,created_at,channel,region\nL1,2026-01-01,Web,North\nL2,2026-01-01,Fair,South\nL3,2026-01-01,Web,South\n"
    history = (
        "lead_id,stage,entered_at\nL1,Lead,2026-01-10\nL1,Won,2026-03-20\nL2,Lead,2026-02-01\nL3,Lead,2026-01-15\n"
    )
    with opened(tmp_path, leads=history, more=leads) as data_set:
        assert data_set.touches is None
        assert {"channel", "region"} <= set(data_set.columns.kinds)


def test_a_list_of_leads_that_has_the_address_each_came_by_is_none(tmp_path: Path) -> None:
    more = "lead_id,date,utm_source,utm_medium,region\nL1,2026-01-01,google,cpc,North\nL2,2026-01-01,x,mail,South\nL3,2026-01-02,,,South\n"
    history = (
        "lead_id,stage,entered_at\nL1,Lead,2026-01-10\nL1,Won,2026-03-20\nL2,Lead,2026-02-01\nL3,Lead,2026-01-15\n"
    )
    with opened(tmp_path, leads=history, more=more) as data_set:
        assert data_set.touches is None
        assert {"utm_source", "region"} <= set(data_set.columns.kinds)
    with opened(tmp_path, leads=history, more=more + "L3,2026-01-03,google,cpc,South\n") as data_set:
        assert data_set.touches is not None


def test_what_alone_tells_of_stages_is_a_history_whatever_its_headers(tmp_path: Path) -> None:
    people = "lead_id,name,city\nL1,Ann,Rome\nL2,Bob,Bonn\nL3,Cy,Rome\n"
    log = "lead_id,status,type,activity date\n" + "".join(
        f"L{lead},{what},x,2026-01-{day:02}\n"
        for lead in (1, 2, 3)
        for what, day in (("Lead", 1), ("Demo", 5), ("Won", 9))
    )
    with opened(tmp_path, leads=people, activities=log) as data_set:
        assert data_set.touches is None
        assert {label.label for label in data_set.labels} == {"Lead", "Demo", "Won"}


def test_a_person_names_the_file_and_its_columns(tmp_path: Path) -> None:
    text = "wer,wann,wodurch\nL1,05.01.2026,Messe\nann@a.com,25.01.2026,Web\nBeta,06.01.2026,Web\n"
    said = MappingOverrides(touch_lead="Wer", touch_time="wann", touch_channel="Wodurch")
    with opened(tmp_path, contacts=text, named=("contacts",), overrides=said) as data_set:
        assert rows(data_set) == [
            ("L1", "2026-01-05", "Messe"),
            ("L1", "2026-01-25", "Web"),
            ("L3", "2026-01-06", "Web"),
        ]


def test_what_a_file_of_touches_lacks_is_said(tmp_path: Path) -> None:
    text = "lead_id,touched_at,wodurch,wie\nL1,2026-01-05,Messe,a\nL1,2026-01-06,Web,a\n"
    with (
        pytest.raises(MappingError, match="These could be it: wodurch"),
        opened(tmp_path, contacts=text, named=("contacts",)),
    ):
        pass
    for said, why in (
        (MappingOverrides(touch_time="when"), "no column “when”"),
        (MappingOverrides(touch_time="wie", touch_channel="wodurch"), "should hold dates"),
    ):
        with (
            pytest.raises(MappingError, match=why),
            opened(tmp_path, contacts=text, named=("contacts",), overrides=said),
        ):
            pass
    with (
        pytest.raises(MappingError, match="who was touched"),
        opened(tmp_path, contacts="a,b\n1,2\n", named=("contacts",)),
    ):
        pass


def test_channels_are_renamed_joined_and_left_out(tmp_path: Path) -> None:
    text = HEAD + "L1,2026-01-05,E-Mail\nL1,2026-01-06,mail\nL1,2026-01-07,Test\n"
    said = MappingOverrides(channels=(("e-mail", "Mail"), ("TEST", "-")))
    with opened(tmp_path, touches=text, overrides=said) as data_set:
        assert {channel for *_, channel in rows(data_set)} == {"Mail"}
        assert apart(data_set) == {4: "ignored"}


def test_of_more_than_sixty_channels_those_with_most_touches_stand_alone(tmp_path: Path) -> None:
    lines = [f"L1,2026-01-{1 + number % 27:02},C{number:02}\n" for number in range(61)]
    lines += [f"L2,2026-01-{1 + number % 27:02},C{number:02}\n" for number in range(29)]
    with opened(tmp_path, touches=HEAD + "".join(lines)) as data_set:
        assert data_set.touches is not None
        assert data_set.touches.channels == (*(f"C{number:02}" for number in range(29)), "Other channels")
        assert data_set.touches.folded == 32
        assert sum(channel == "Other channels" for *_, channel in rows(data_set)) == 32
    with opened(tmp_path, touches=HEAD + "".join(lines[:60])) as data_set:
        assert data_set.touches is not None
        assert len(data_set.touches.channels) == 60


def test_moments_of_two_clocks_are_told_by_that_of_the_leads(tmp_path: Path) -> None:
    leads = "lead_id,stage,entered_at\nL1,Lead,2026-01-10T09:00:00+03:00\nL1,Won,2026-03-20T10:00:00+03:00\n"
    text = HEAD + "L1,2026-01-09T22:30:00Z,Web\n"
    with opened(tmp_path, leads=leads, touches=text) as data_set:
        assert rows(data_set) == [("L1", "2026-01-10 01:30:00", "Web")]
        assert data_set.touches is not None
        assert data_set.touches.notes == ()
    with opened(tmp_path, touches=text) as data_set:
        assert data_set.touches is not None
        assert [note.key for note in data_set.touches.notes] == ["touches.zones"]


def test_the_first_channel_of_a_lead_is_that_of_a_touch_by_its_first_day(tmp_path: Path) -> None:
    text = (
        HEAD
        + "L1,2026-01-10 18:00:00,Form\nL1,2026-01-05 10:00:00,Web\nL2,2026-02-01 00:00:00,Form\nL3,2026-01-16 00:00:00,Late\n"
    )
    with opened(tmp_path, touches=text) as data_set:
        found = dict(data_set.engine.rows(Query('SELECT leads.lead_id, leads."First channel" FROM leads')))
        assert found == {"L1": "Web", "L2": "Form", "L3": None}
        steps = data_set.ask(funnel.measures.steps, data_set.question(where={"First channel": "Web"}))
        assert steps.stages[0].leads == 1


def test_touches_stand_in_a_project_too(tmp_path: Path) -> None:
    text = "lead_id,day,by\nL1,2026-01-05,Web\n"
    said = MappingOverrides(touch_channel="by", touch_time="day")
    with opened(tmp_path, contacts=text, named=("contacts",), overrides=said) as data_set:
        data_set.save(tmp_path / "work.funnel")
        before = rows(data_set)
    with funnel.open(tmp_path / "work.funnel") as again:
        assert rows(again) == before != []


def test_a_saved_mapping_knows_the_columns_and_channels_of_touches(tmp_path: Path) -> None:
    said = MappingOverrides(touch_channel="by", touch_time="day", channels=(("web", "Site"),))
    with opened(
        tmp_path, contacts="lead_id,day,by\nL1,2026-01-05,Web\n", named=("contacts",), overrides=said
    ) as data_set:
        again = mapping.from_toml(mapping.to_toml(data_set.mapping, data_set.overrides), "mapping.toml")
    assert (again.touch_time, again.touch_channel, again.channels) == ("day", "by", (("web", "Site"),))


def test_reading_the_files_anew_without_touches_forgets_them(tmp_path: Path) -> None:
    with opened(tmp_path, touches=HEAD + "L1,2026-01-05,Web\n") as data_set:
        assert "First channel" in data_set.columns.kinds
        revision = data_set.revision
        data_set.remap(MappingOverrides(channels=(("web", "-"),)))
        assert rows(data_set) == []
        assert data_set.revision != revision


@pytest.mark.parametrize("swapped", [False, True])
def test_ids_of_salesforce_are_the_same_long_and_short_but_for_a_wrong_end(tmp_path: Path, swapped: bool) -> None:
    short, long = ["00D5g000003XyZa", "00D5g000003xyZa"], ["00D5g000003XyZaEAK", "00D5g000003xyZaEAI"]
    known, told = (long, short) if swapped else (short, long)
    leads = "lead_id,stage,entered_at\n" + "".join(f"{key},Lead,2026-01-10\n{key},Won,2026-03-20\n" for key in known)
    lines = HEAD + f"{told[0]},2026-01-05,Web\n{told[1]},2026-01-06,Fair\n"
    if not swapped:
        lines += f"{short[0]}EAA,2026-01-07,Web\n"
    with opened(tmp_path, leads, visits=lines) as data_set:
        rows = data_set.engine.rows(Query('SELECT leads.lead_id, leads."First channel" FROM leads ORDER BY 2'))
        assert rows == [(known[1], "Fair"), (known[0], "Web")]
        assert data_set.touches is not None
        assert data_set.touches.unmatched == (0 if swapped else 1)
