"""Files of touches → the table `touches`: which files they are, which column plays which part, and what became of every line.

roles     headers → the parts of a file of touches, and whether it is one
lines     the lines of a file → touches, or the reason why not
leads     who was touched → the lead, by its id, else the e-mail, else the account
build     all files together → `touches` and `touches_apart`, with the counts
"""
