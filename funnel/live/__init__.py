"""Sources that whoever runs the program allows: a query of a database, or a folder that is followed → private files that open like any.

    sources    the file that names them, and what it may say
    postgres   a query of PostgreSQL → batches of text; the only place that knows an address
    database   what a database held at a moment, the first time whole, then what changed of it
    folder     the files of a folder that stand still
    snapshot   what a source held at a moment: private files that vanish with it
    reader     one for each source, whoever looks: what it held last, since when, and what failed since
    news       what one data set has that another has not: leads, moves, labels, columns

People name a source, `source:CRM`; queries and addresses are said by the file and the environment alone.
"""
