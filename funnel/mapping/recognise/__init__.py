"""Raw tables → `Mapping`: hypotheses of what a file is, the evidence for each, and the one that it speaks for.

grammar      what a header says by its words              candidates   which columns can play which part
facts        what the lines say: ids, moves, handovers    sources      one hypothesis carried out: all parts given
evidence     judgements with weights and sentences        hypotheses   the hypotheses of one table, weighed
tables       the tables of an upload together: which says what the leads are, what the others add
"""

from funnel.mapping.recognise.tables import recognise

__all__ = ["recognise"]
