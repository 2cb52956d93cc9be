"""Where leads wait most and where most are lost: the one answer that every page and command gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from funnel.core.types.kinds import Note


@dataclass(frozen=True)
class TopStage:
    """The stage with most of a total: `amount` of it. It `stands_out` where it leads each of its `rivals`, the other stages that leads
    have left, by more than chance; without any it does not."""

    position: int
    name: str
    amount: float
    total: float
    rivals: int
    stands_out: bool

    @property
    def share(self) -> float:
        """Of the total."""
        return self.amount / self.total


@dataclass(frozen=True)
class Bottleneck:
    """The *slowest* stage, where all leads together waited most days, and that of the *largest drop-off*, where most stood last
    before they were lost.

    Of the stages where leads wait; one that nobody has left is no bottleneck, and not in the totals (`never_left`). `days` and `lost`
    are by position in the model, 0 where leads do not wait. A lead that was lost counts once, at the stage where it stood last.
    `slowest` is None where no time has passed, `drop_off` where nobody was lost.
    """

    leads: int
    days: tuple[float, ...]
    lost: tuple[int, ...]
    slowest: TopStage | None
    drop_off: TopStage | None
    never_left: tuple[str, ...]
    sql: str = field(compare=False)

    @property
    def sentences(self) -> tuple[Note, ...]:
        """What it comes to: of days, then of leads, then what is left out; none where no time has passed."""
        if self.slowest is None:
            return ()
        if not self.slowest.rivals:
            return (Note("measures.only_stage", {"stage": self.slowest.name}),)
        left_out = (Note("measures.never_left", {"stages": self.never_left}),) if self.never_left else ()
        return _note("slowest", self.slowest), _note("drop_off", self.drop_off), *left_out


def _note(kind: str, top: TopStage | None) -> Note:
    if top is None:
        return Note(f"measures.{kind}_nothing")
    values = {"stage": top.name, "amount": round(top.amount), "total": round(top.total)}
    return Note(f"measures.{kind}" if top.stands_out else f"measures.{kind}_unclear", values)
