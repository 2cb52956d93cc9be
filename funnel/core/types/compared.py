"""What is answered when the same leads are looked at through several models."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field

from funnel.core.types.bottleneck import Bottleneck
from funnel.core.types.kinds import Note, OrderReason
from funnel.core.types.models import LOST_CONCEPTS, StageModel
from funnel.core.types.questions import Question
from funnel.core.types.results import Rate, Steps


@dataclass(frozen=True)
class Landmark:
    """Leads still undecided `age_days` after their start are looked at, and what became of them `horizon_days` later."""

    age_days: int
    horizon_days: int


@dataclass(frozen=True)
class StageRate:
    """Of the leads that stood at a stage on the landmark day: the share won within the horizon. `position` is None for leads
    that had been at no stage of the model by then."""

    position: int | None
    name: str
    won: Rate


@dataclass(frozen=True)
class Rise:
    """From one stage to the next that leads stood at: how much likelier the win is, with Newcombe's 95 % interval."""

    lower: str
    upper: str
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """ "rise" where the interval lies above zero, "fall" where below, else "tie"."""
        return "rise" if self.low > 0 else "fall" if self.high < 0 else "tie"


@dataclass(frozen=True)
class Signal:
    """What a model's stage says on the landmark day about winning, beside what the labels themselves say.

    Information is in bits. `kept` is bits / label_bits, at most 1; None where the labels say nothing. `skill` is the share of the log loss
    that knowing the stage saves, each lead forecast by all others; it is below 0 where the stage misleads. `order` is how often, of a
    lead that was won and one that was not, the won one stood at the later stage (ties count half); leads at no stage of the
    model have no part in it.
    """

    landmark: Landmark
    leads: int
    won: int
    bits: float
    label_bits: float
    kept: float | None
    skill: float | None
    order: float | None
    stages: tuple[StageRate, ...]
    rises: tuple[Rise, ...]

    @property
    def clear_rises(self) -> int:
        """How many stages have clearly more wins than the one before."""
        return sum(rise.verdict == "rise" for rise in self.rises)


@dataclass(frozen=True)
class Moves:
    """Changes of stage. `forward` are of all moves; `skipping` are those forward moves that jump over a stage; `full_path` are
    the won leads that were recorded at every stage before the win."""

    forward: Rate
    skipping: Rate
    full_path: Rate


@dataclass(frozen=True)
class Hidden:
    """What the labels inside a stage still tell of the next 30 days: conditional mutual information, in bits, and as a share of
    what is uncertain. `g2`, `degrees` and `p` test that they tell nothing (p None: no stage holds two labels)."""

    pairs: int
    bits: float
    share: float | None
    g2: float
    degrees: int
    p: float | None


@dataclass(frozen=True)
class Spread:
    """A total by stage: losses, or days open. `evenness` is Pielou's, from 0 (all at one stage) to 1; None for fewer than two stages.
    Which stage has most, `Bottleneck` says."""

    by_stage: tuple[float, ...]
    evenness: float | None

    @property
    def total(self) -> float:
        """The sum over all stages."""
        return sum(self.by_stage)


@dataclass(frozen=True)
class Score:
    """How well one model tells the story of these leads: `leads` are compared, `placed` of them the model places.

    `coverage` is of all leads that meet the filters on columns, dates not looked at, as in the funnel. A line that cannot be
    computed is None, and `missing` says why, by its name: signal, moves, hidden, leaks, waits. `bottleneck` names the stages of the
    last two, where any stands out; None where leaks and waits are.
    """

    question: Question
    leads: int
    placed: int
    coverage: Rate
    signal: Signal | None
    moves: Moves | None
    hidden: Hidden | None
    leaks: Spread | None
    waits: Spread | None
    bottleneck: Bottleneck | None = None
    missing: Pairs[str, Note] = field(default_factory=dict)
    sql: str = ""


@dataclass(frozen=True)
class LabelFlow:
    """A label of the file: how many of the counted leads were recorded there, and the stage each model puts it at (None: at
    none)."""

    label: str
    concept: str
    leads: int
    stages: tuple[int | None, ...]


@dataclass(frozen=True)
class Flows:
    """How the labels of the file flow into the stages of each of the questions' models, in the labels' usual order, exits last."""

    questions: tuple[Question, ...]
    leads: int
    labels: tuple[LabelFlow, ...]
    sql: str

    @property
    def left_out(self) -> tuple[str, ...]:
        """The labels that none of the models takes, exits apart: there a lead leaves."""
        return tuple(
            flow.label
            for flow in self.labels
            if flow.concept not in LOST_CONCEPTS and all(stage is None for stage in flow.stages)
        )


@dataclass(frozen=True)
class Overlap:
    """Two models (`a` and `b` are their places among the questions) on the same leads, each at the deepest stage it counts at.

    `cells` are (stage of a, stage of b, leads, disagree); a stage is None where the model does not place the lead. A model cuts
    the way to the win into equal stretches (`StageModel.way`); two models disagree on a lead when the stretches where they put
    it share no more than an edge. Leads that only one of them places are counted apart.
    """

    a: int
    b: int
    cells: tuple[tuple[int | None, int | None, int, bool], ...]

    @property
    def disagree(self) -> int:
        """Leads that both place, at stages that do not overlap."""
        return sum(leads for _, _, leads, differs in self.cells if differs)

    @property
    def both(self) -> int:
        """Leads that both place."""
        return sum(leads for one, other, leads, _ in self.cells if one is not None and other is not None)

    @property
    def one_only(self) -> int:
        """Leads that only one of them places."""
        return sum(leads for one, other, leads, _ in self.cells if (one is None) != (other is None))


@dataclass(frozen=True)
class Alignment:
    """Every pair of the questions' models on the same leads."""

    questions: tuple[Question, ...]
    leads: int
    pairs: tuple[Overlap, ...]
    sql: str

    @property
    def most_apart(self) -> int:
        """Which of the pairs disagrees on most leads; the first where none does."""
        return max(range(len(self.pairs)), key=lambda place: self.pairs[place].disagree, default=0)


@dataclass(frozen=True)
class Comparison:
    """The same leads through several models. `verdict` are two sentences, or one that says why there is none."""

    leads: int
    steps: tuple[Steps, ...]
    scores: tuple[Score, ...]
    flows: Flows
    alignment: Alignment
    verdict: tuple[Note, ...]


@dataclass(frozen=True)
class BackwardStage:
    """One stage, read from the win.

    `recorded` is of the won leads: those that were recorded at the stage. `median_days_before_win` is over the `timed` of them.
    `needed` is how many leads counted here it took for one win, `low` and `high` its 95 % interval (from Wilson's); all None
    without a win. `at_best` is `needed` if every lead still open were won.
    """

    position: int
    key: str
    name: str
    recorded: Rate
    median_days_before_win: float | None
    timed: int
    leads: int
    won: int
    open: int
    needed: float | None
    low: float | None
    high: float | None
    at_best: float | None


@dataclass(frozen=True)
class Backward:
    """A funnel read from the win backwards: `stages` start at the last one."""

    question: Question
    won: int
    stages: tuple[BackwardStage, ...]
    sql: str


@dataclass(frozen=True)
class Loyalty:
    """Customers who came back to buy. A customer is an account where the file has accounts, else a lead.

    `again` customers (of `customers`) bought a second time. Of their `repeats` (each purchase after a customer's first),
    `straight` came without considering or evaluating again; None where the file cannot tell. `median_days` lies between one
    purchase and the next (None: no repeat).
    """

    question: Question
    by_account: bool
    customers: int
    again: Rate
    repeats: int
    straight: Rate | None
    median_days: float | None
    sql: str


@dataclass(frozen=True)
class AccountSizes:
    """How many leads an account has: (leads, accounts) pairs in order, and the medians of all, won and lost accounts."""

    question: Question
    accounts: int
    leads: int
    counts: tuple[tuple[int, int], ...]
    median: float | None
    median_won: float | None
    median_lost: float | None
    sql: str


@dataclass(frozen=True)
class OrderPair:
    """Two labels that follow each other in an order: leads that entered the earlier one first, the later one first, or both at
    one moment. `reason` is the strongest that puts them in this order; None where they stand otherwise, as a person or the
    model says."""

    earlier: str
    later: str
    forward: int
    backward: int
    together: int
    reason: OrderReason | None


@dataclass(frozen=True)
class InferredOrder:
    """How sure the inferred order of the labels is: `sure` is the share of leads' pairs of entries that run in this order."""

    model: StageModel
    pairs: tuple[OrderPair, ...]
    sure: Rate
    sql: str


@dataclass(frozen=True)
class Change:
    """The same process before and after its model changed on a day; each lead has the same `within_days` to get on.

    None for `within_days`: all the time up to the observation, which favours the older leads."""

    before: Steps
    after: Steps
    within_days: int | None
