"""Paired evaluation: the same tasks with and without a skill, on a configured model, judged by code where code can.

`tasks` reads what is to be done and how it is checked, `graders` checks, `arms` asks the model, `statistics` says how
large the difference is and how sure that is, `report` says it, `command` is the command line. Uses `programs` and `lm`
as the workflow does; knows no job, no database and no HTTP.
"""
