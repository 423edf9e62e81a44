"""Everything that happened, and everything in flight.

`log` is the append-only table and its one writer, `live` holds the text that models are writing now, `stream`
turns a cursor over both into the bytes of a connection. May import `database`; knows nothing of jobs' rules,
workflows or HTTP.
"""
