"""From files to the rows that should be looked at first: ranked, explained, and as a page."""

from nngmix.ranking.inputs import RankInputs
from nngmix.ranking.rank import Ranked, rank, score_files
from nngmix.ranking.rankers import RANKERS, load_ranker, make_ranker

__all__ = ["RANKERS", "RankInputs", "Ranked", "load_ranker", "make_ranker", "rank", "score_files"]
