"""Rounds with a known truth, for the tests of the room: those that coverage is counted over."""

from analysis.evidence.count_rounds import sale_round, simulate_rounds

__all__ = ["sale_round", "simulate_rounds"]
