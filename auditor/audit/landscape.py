"""The picture of the environment, for whoever shows findings: it is made of facts, and shown beside them."""

from auditor.facts.subjects.landscape import KINDS, NOTHING, Landscape, Place, Way

__all__ = ["KINDS", "NOTHING", "Landscape", "Place", "Way"]
