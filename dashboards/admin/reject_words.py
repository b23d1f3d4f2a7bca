"""Why a payload was refused, and what to do at the terminal, in words; the reasons stand in docs/mqtt.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.i18n import N_


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """What a reason is called, what it means, what to do."""

    name: str
    meaning: str
    remedy: str


REASONS: Mapping[str, ReasonWords] = MappingProxyType(
    {
        "not_json": ReasonWords(
            N_("Not JSON"),
            N_("The payload is not readable as JSON, or it is nested too deeply."),
            N_("Check the terminal's protocol setting; often the payload was cut or is binary."),
        ),
        "wrong_type": ReasonWords(
            N_("Wrong type"),
            N_("A value is of another type than the contract asks for, for instance a text for a number."),
            N_("Have the maker send this field as the contract (docs/mqtt.md) says."),
        ),
        "missing_field": ReasonWords(
            N_("Field missing"),
            N_("A field without which a fix is none is not there."),
            N_("Switch this field on in the terminal's report, or have the maker add it."),
        ),
        "not_finite": ReasonWords(
            N_("No finite number"),
            N_("A value is NaN, Infinity or too large to be a number."),
            N_("A sensor without reading must leave its field out; have the maker correct it."),
        ),
        "out_of_range": ReasonWords(
            N_("Out of range"),
            N_("A value lies outside what is physically possible or allowed."),
            N_("Check the sensor and the unit that it reports in."),
        ),
        "lon_lat_swapped": ReasonWords(
            N_("Longitude and latitude swapped"),
            N_("The place lies outside the service area, but inside when the two are exchanged."),
            N_("Exchange lon and lat in the terminal's or gateway's mapping."),
        ),
        "outside_service_area": ReasonWords(
            N_("Outside the service area"),
            N_("The place lies elsewhere; 0, 0 is what receivers say without a fix."),
            N_("Check antenna and receiver; without a fix the terminal must say has_fix false."),
        ),
        "time_in_future": ReasonWords(
            N_("Time in the future"),
            N_("The fix is dated more than 60 s after it was received."),
            N_("Set the terminal's clock from GNSS; check that it reports UTC with its offset."),
        ),
        "time_too_old": ReasonWords(
            N_("Time too old"),
            N_("The fix is dated more than 30 days ago; seconds for milliseconds or a reset clock look so."),
            N_("Set the terminal's clock; check whether it sends seconds or milliseconds."),
        ),
        "time_without_zone": ReasonWords(
            N_("Time without zone"),
            N_("The time has no offset: nobody can tell whether it is Beijing time or UTC."),
            N_("Send times with offset, for instance 2026-03-15T08:00:00+08:00."),
        ),
        "unknown_topic": ReasonWords(
            N_("Unknown topic"),
            N_("The message came under our prefix, but under none of the agreed topics."),
            N_("Correct the topic in the terminal or gateway."),
        ),
        "bad_vehicle_id": ReasonWords(
            N_("Bad vehicle number"),
            N_("The vehicle's number has a wrong form, or differs from the topic's."),
            N_("Enter the vehicle's registered number in the terminal."),
        ),
        "too_large": ReasonWords(
            N_("Too large"),
            N_("The payload is larger than 512 KiB."),
            N_("Have the gateway send smaller batches."),
        ),
        "empty": ReasonWords(
            N_("Empty"),
            N_("The payload has no bytes, or is a list without elements."),
            N_("A terminal without news must send nothing; have the maker correct it."),
        ),
    }
)
