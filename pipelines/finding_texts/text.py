"""The two sentences that a finding's code stands for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """`str.format` texts: `message` says what was found and what was expected, `remedy` what to do about it."""

    message: str
    remedy: str
