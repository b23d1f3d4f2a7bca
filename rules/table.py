"""Tables of the memory: columns of one length, a row a vehicle or an episode, some of them nested tables."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, NO_TIME, TIME_DTYPE

FLOAT, INT, FLAG = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)
TIME, ID = TIME_DTYPE, ID_DTYPE
_BLANK: dict[np.dtype[Any], Any] = {FLOAT: np.nan, INT: 0, FLAG: False, TIME: NO_TIME, ID: b""}


def several(dtype: np.dtype[Any], width: int) -> np.dtype[Any]:
    """Type of a column that holds ``width`` values in each row."""
    return np.dtype((dtype, (width,)))


class Table:
    """A frozen dataclass whose fields are the keys of ``COLUMNS``: a dtype each, or another table.

    Columns are NumPy arrays with the row as first axis; a fold that owns a copy writes into them.
    """

    __slots__ = ()
    COLUMNS: ClassVar[Mapping[str, "np.dtype[Any] | type[Table]"]]

    def take(self, rows: NDArray[Any]) -> Self:
        """These rows (indices or a mask), copied."""
        return type(self)(**{name: _take(getattr(self, name), rows) for name in self.COLUMNS})

    def copy(self) -> Self:
        """All rows, copied: several times as fast as taking them one by one."""
        return type(self)(**{name: getattr(self, name).copy() for name in self.COLUMNS})

    def append(self, other: Self) -> Self:
        """The rows of both."""
        return type(self)(**{n: _append(getattr(self, n), getattr(other, n)) for n in self.COLUMNS})

    def assign(self, rows: NDArray[Any], other: Self) -> None:
        """Overwrite these rows, in place, with all rows of another table."""
        for name in self.COLUMNS:
            mine, new = getattr(self, name), getattr(other, name)
            if isinstance(mine, Table):
                mine.assign(rows, new)
            else:
                mine[rows] = new

    @classmethod
    def blank(cls, rows: int) -> Self:
        """Rows in which nothing is known."""
        return cls(**{name: _blank(kind, rows) for name, kind in cls.COLUMNS.items()})

    def flat(self) -> dict[str, NDArray[Any]]:
        """All columns by name; those of a nested table as ``table.column``."""
        columns: dict[str, NDArray[Any]] = {}
        for name in self.COLUMNS:
            value = getattr(self, name)
            nested = value.flat() if isinstance(value, Table) else None
            columns |= {name: value} if nested is None else {f"{name}.{k}": v for k, v in nested.items()}
        return columns

    @classmethod
    def flat_types(cls) -> dict[str, np.dtype[Any]]:
        """The types of ``flat``."""
        types: dict[str, np.dtype[Any]] = {}
        for name, kind in cls.COLUMNS.items():
            if isinstance(kind, np.dtype):
                types[name] = kind
            else:
                types |= {f"{name}.{k}": v for k, v in kind.flat_types().items()}
        return types

    @classmethod
    def from_flat(cls, columns: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of ``flat``; KeyError for a column that is missing."""
        values: dict[str, Any] = {}
        for name, kind in cls.COLUMNS.items():
            if isinstance(kind, np.dtype):
                values[name] = columns[name]
            else:
                prefix = f"{name}."
                mine = {k.removeprefix(prefix): v for k, v in columns.items() if k.startswith(prefix)}
                values[name] = kind.from_flat(mine)
        return cls(**values)


def _take(value: Any, rows: NDArray[Any]) -> Any:
    return value.take(rows) if isinstance(value, Table) else value[rows]


def _append(value: Any, other: Any) -> Any:
    return value.append(other) if isinstance(value, Table) else np.concatenate([value, other])


def _blank(kind: "np.dtype[Any] | type[Table]", rows: int) -> Any:
    if not isinstance(kind, np.dtype):
        return kind.blank(rows)
    return np.full((rows, *kind.shape), _BLANK[kind.base], kind.base)
