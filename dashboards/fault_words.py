"""What is wrong with a field of a request, in words that a person can act on."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dashboards.i18n import N_, words
from hazmat.accounts import Language

_OTHERWISE = N_("is not right")
# The kinds of faults that the request's reader (pydantic) tells, as far as people meet them.
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "missing": N_("is missing"),
        "date_parsing": N_("is no day; please write it like 2026-03-15"),
        "date_from_datetime_parsing": N_("is no day; please write it like 2026-03-15"),
        "datetime_parsing": N_("is no time; please write it like 2026-03-15T08:30"),
        "datetime_from_date_parsing": N_("is no time; please write it like 2026-03-15T08:30"),
        "int_parsing": N_("is no whole number"),
        "float_parsing": N_("is no number"),
        "greater_than_equal": N_("is too small"),
        "less_than_equal": N_("is too large"),
        "string_too_long": N_("is too long"),
        "literal_error": N_("is none of the choices"),
        "enum": N_("is none of the choices"),
    }
)


def told_faults(faults: Sequence[Mapping[str, Any]], language: Language) -> str:
    """Return the faults of a request, as pydantic lists them, as one line that names each field."""
    say = words(language)
    lines = []
    for fault in faults:
        field = str(fault["loc"][-1]) if fault["loc"] else ""
        lines.append(f"{field}: {say.gettext(_KINDS.get(fault['type'], _OTHERWISE))}")
    return "; ".join(lines)
