"""Bits of the alarm word of JT/T 808 (0x0200): is any of these set, are they all clear, is there one."""

from hazmat.columns import Mask
from hazmat.position import Positions
from rules.rule import Limits
from rules.signals import Signals


def alarm_set(positions: Positions, *bits: int) -> Mask:
    """Whether any of the bits is set; a terminal that sends no alarm word (-1) says nothing."""
    some: Mask = positions.alarm & _word(bits) != 0
    return some & (positions.alarm >= 0)


def alarm_clear(positions: Positions, *bits: int) -> Mask:
    """Whether the terminal says that none of the bits is set."""
    none: Mask = positions.alarm & _word(bits) == 0
    return none & (positions.alarm >= 0)


def alarm_sent(positions: Positions, _: Signals, __: Limits) -> Mask:
    """Whether the message has an alarm word."""
    sent: Mask = positions.alarm >= 0
    return sent


def _word(bits: tuple[int, ...]) -> int:
    return sum(1 << bit for bit in bits)
