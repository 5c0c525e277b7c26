"""Campaigns whose dates and starts are fixed: only who goes is open.

In: facts, the budget. Out: what :class:`solvers.model.exact.Levels` gives: placements, bounds, proofs, or
nothing where the campaign has another shape. See docs/adr/0028-fixed-starts.md.
"""
