"""What the close reveals: the seed and everything it was made from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Reveal:
    """``close/reveal.json``. ``seed_text`` is ``draw/seed.txt``, ``seed`` its SHA-256; both are empty where a
    campaign was void before anything was drawn (``drawn`` false). ``secret`` is empty where there is none.
    ``attempt`` counts the draws of the slot."""

    campaign_id: str
    slot: str
    attempt: int
    plan_sha256: str
    voided: bool
    drawn: bool
    seed_text: str
    seed: str
    secret: str
