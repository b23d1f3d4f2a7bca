"""Which of the 64 partitions a vehicle belongs to: a documented hash that any language can compute."""

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, Ids, Ints

PARTITIONS = 64
_OFFSET_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)


def stable_hash(ids: Ids) -> NDArray[np.uint64]:
    """64-bit FNV-1a of each id's bytes, without its padding.

    Source: Fowler, Noll, Vo, IETF draft-eastlake-fnv. ``foobar`` gives 0x85944171f73967e8.
    """
    padded = np.ascontiguousarray(ids, dtype=ID_DTYPE)
    octets = padded.view(np.uint8).reshape(len(padded), ID_DTYPE.itemsize)
    value = np.full(len(padded), _OFFSET_BASIS)
    for column in range(int(np.char.str_len(padded).max(initial=0))):
        octet = octets[:, column].astype(np.uint64)
        value = np.where(octet != 0, (value ^ octet) * _PRIME, value)
    return value


def partition_of(ids: Ids) -> Ints:
    """Partition (0 to 63) of each vehicle id."""
    return (stable_hash(ids) % np.uint64(PARTITIONS)).astype(np.int64)
