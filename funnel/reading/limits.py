"""How much of a file is taken in, in one place. Sizes are in bytes unless the name says otherwise."""

MEGABYTE = 1024 * 1024

CHUNK = 256 * 1024
"""Read at once when a whole file is passed over: small enough to stay in the processor's cache."""

SMALL_TEXT = 16 * MEGABYTE
"""Up to here a text without quotes is looked through before the library that is faster at it would be loaded."""

SAMPLE = 512 * 1024
"""The beginning of a text that its delimiter, quoting and header row are found from."""

SAMPLE_RECORDS = 200

UNPACKED = 16 * 1024 * MEGABYTE
"""One file or archive after unpacking."""

UNPACKED_RATIO = 250
UNPACKED_UNSUSPECTED = 64 * MEGABYTE
"""Beyond this size, unpacked may be at most UNPACKED_RATIO times packed: tables shrink 50-fold, bombs 1,000-fold."""

MEMBERS = 500
"""Files in one archive, and sheets of one workbook."""

DIRECTORY = 8 * MEGABYTE
"""The list of files in a zip, which has to be held in memory."""

NESTED_ARCHIVES = 2
"""A table in a gzip in a zip is opened; deeper is not."""

WORKBOOK = 2 * 1024 * MEGABYTE
"""All parts of a workbook after unpacking."""

WORKBOOK_TAGS = 1_000_000
WORKBOOK_TEXT_TAGS = 30_000_000
"""Tags in the parts of a workbook that have to be held in memory: styles and the like, and its shared texts (four tags each)."""

WORKBOOK_TEXTS = 7_500_000
"""Shared texts of a binary workbook."""

SHEET_ROWS = 1_048_576
"""The last row that a sheet can have."""

SHEET_WIDE_ROWS = 10_000
"""Rows of a sheet that reach beyond COLUMNS and hold nothing: formatted whole rows."""

JSON_ARRAY = 128 * MEGABYTE
JSON_VALUES = 10_000_000
"""JSON that is one value has to be held in memory; JSON lines have no such limit."""

PARQUET_DEPTH = 25
"""Levels of a column's type, a list being two: each doubles the time that the engine takes to write its values as text."""

JSON_DEPTH = 100
"""Lists and objects inside one another."""

MARKUP = MEGABYTE
"""The longest tag, comment or script of a web page, and the longest tag of XML, which have to be held in memory."""

MARKUP_DEPTH = 100
"""Tables inside one another in a web page; elements inside one another in XML."""

OLD_WORKBOOK = 128 * MEGABYTE
"""An .xls has to be held in memory; one that is full of numbers has about 100 MB in a sheet."""

COLUMNS = 2000

CELLS_UNSUSPECTED = 50_000_000
CELLS_RATIO = 50
"""Beyond so many cells, a table may have at most CELLS_RATIO of them for each character: empty ones cost time and room too."""

CELL = 4
"""What a stored cell takes on disk beside its text, also where it is empty."""

STORED_UNSUSPECTED = 256 * MEGABYTE
"""Beyond this size, what is stored of a file that was given, its texts and its cells in all its tables, may be at most UNPACKED_RATIO
times the file, whatever its format and however often it was packed."""

NAME = 300
"""The longest name of a column, in characters; what is longer is cut."""

LINE = 16 * MEGABYTE
"""The longest line of a text."""

INNER_TEXT = 100_000
"""Of a row of a web page's table, the longest text that may be in tables within it."""

ENGINE_LINE = MEGABYTE
"""Files with longer lines than this are read record by record, since the engine's own reader gives up on them."""

ENGINE_SURPLUS = 500
LONG_LINE = 512
"""Files in which a line of LONG_LINE bytes or more has so many cells more than the header are read record by record as well: the
engine's own reader keeps the whole line anew for each cell too many."""

IN_PLACE_BYTES = 8 * MEGABYTE
IN_PLACE_ROWS = 100_000
"""A text of so many bytes and rows that the engine's own reader takes is read where it lies whenever it is asked. To store one costs as
much as to read it three times; a smaller one is asked some dozen times, since all of it is looked at before it is understood."""

QUOTED_LINES = 1000
QUOTED_CHARACTERS = 1_000_000
"""A quoted cell that goes on for longer was never meant to be one: its quote is taken for a broken one."""

CONTROL_SHARE = 0.05
"""More control characters than this, and it is no text."""

NUL_SHARE = 0.25
"""More NUL bytes than this, and it is no text either; fewer are dropped, each from its cell."""

GAPS = 200
"""Stretches of blank or rejected lines after which rows are numbered one by one instead of by their place."""

BATCH_ROWS = 50_000
BATCH_CHARACTERS = 32_000_000
BATCH_CELLS = 8_000_000
"""Rows held in memory on their way to the engine."""
