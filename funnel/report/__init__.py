"""Reports to hand on: sections, each a measure with its question and its words, in one file that asks for nothing.

kinds, kinds_groups, kinds_deals, kinds_watched   the sections that there are: what each asks and says
contents   parts → a report: all of it answered, and what could not be
html, slides, paper   a report → one page, a presentation, a printed page
writing   a report → a file, by its ending, whole or not at all
"""

from funnel.report.contents import KINDS as KINDS
from funnel.report.contents import LONGEST_TITLE as LONGEST_TITLE
from funnel.report.contents import USUAL as USUAL
from funnel.report.contents import Report as Report
from funnel.report.contents import lasting as lasting
from funnel.report.contents import make as make
from funnel.report.contents import part as part
from funnel.report.contents import split_by as split_by
from funnel.report.contents import takes_no_options as takes_no_options
