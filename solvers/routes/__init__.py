"""Campaigns of one-officer visits where only travel counts: routes, ruined by strings and recreated.

In: facts, the budget. Out: placements, or nothing where the campaign has another shape. See
docs/adr/0028-fixed-starts.md.
"""
