"""Augmenting tables larger than memory: files in, a folder of new rows out, in bounded memory and resumable.

The way is `run`: `survey` (labelled anomalies and scale, one pass) -> `search` (the neighbours, one pass) ->
`make` (the new rows, file by file), each step recorded in a manifest before the next begins.
"""

from nngmix.jobs.job import Job
from nngmix.jobs.run import Outcome, run
from nngmix.jobs.table import Found, find_table

__all__ = ["Found", "Job", "Outcome", "find_table", "run"]
