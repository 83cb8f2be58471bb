"""How often the reports' intervals held the truth: counts of coverage, pooled and shown."""

from .counts import (
    code_hash,
    coverage,
    digest_of_count,
    list_counts,
    list_oracles,
    load_counts,
    state_of_counts,
)
from .results_coverage import PairsCounted
from .study import EvidenceStudy, publishable, study_evidence

__all__ = [
    "EvidenceStudy",
    "PairsCounted",
    "code_hash",
    "coverage",
    "digest_of_count",
    "list_counts",
    "list_oracles",
    "load_counts",
    "publishable",
    "state_of_counts",
    "study_evidence",
]


def __dir__() -> list[str]:
    """List what a notebook or a user may call: what Tab shows."""
    return __all__
