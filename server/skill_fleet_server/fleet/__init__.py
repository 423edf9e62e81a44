"""The processes that share one database: who is alive, and what becomes of the work of one that is not.

May import the database; is told by `services` what to do for the dead.
"""
