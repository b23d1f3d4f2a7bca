"""What is wrong with a driver's or escort's certificate at a time, for the goods on a waybill."""

from enum import IntFlag

import numpy as np

from hazmat.columns import Ints, Mask, Times
from hazmat.registry import Registry
from hazmat.waybill_table import WaybillFault


class PersonFault(IntFlag):
    """Faults of a person on a trip."""

    UNKNOWN = 1  # not in the register
    NO_CERTIFICATE = 2
    NOT_VALID = 4  # expired, or not valid yet
    WRONG_ROLE = 8  # an escort's certificate at the wheel, or a driver's beside it
    WRONG_CLASS = 16
    RED_CODE = 32
    YELLOW_CODE = 64  # with goods that are specially controlled


def person_faults(person: Ints, role: Mask, waybill: Ints, times: Times, registry: Registry) -> Ints:
    """Set of ``PersonFault`` of each row's person (a row of the people, -1: unknown) on its waybill.

    ``role``: by person, who may do what this one does. A register without any people is none: no faults.
    """
    if not registry.world.people:
        return np.zeros(len(person), np.int64)
    people, papers = registry.people_table, registry.waybill_table
    controlled = papers.specially_controlled[waybill] | papers.acutely_toxic[waybill]
    in_force = (people.valid_from[person] <= times) & (times < people.valid_to[person])
    right_class = (people.class_bits[person] & papers.class_bit[waybill]) != 0
    of_known = (
        PersonFault.NO_CERTIFICATE * ~people.certified[person]
        + PersonFault.NOT_VALID * ~in_force
        + PersonFault.WRONG_ROLE * ~role[person]
        + PersonFault.WRONG_CLASS * ~right_class
        + PersonFault.RED_CODE * people.red[person]
        + PersonFault.YELLOW_CODE * (people.yellow[person] & controlled)
    )
    return np.where(person >= 0, of_known, int(PersonFault.UNKNOWN)).astype(np.int64)


def driver_faults(waybill: Ints, times: Times, registry: Registry) -> Ints:
    """Of the drivers named on these waybills."""
    driver = registry.waybill_table.driver[waybill]
    return person_faults(driver, registry.people_table.may_drive, waybill, times, registry)


def escort_faults(waybill: Ints, times: Times, registry: Registry) -> Ints:
    """Of the escorts named on these waybills; who is missing, or drives, is for another rule to say."""
    papers = registry.waybill_table
    role = registry.people_table.may_escort
    faults = person_faults(papers.escort[waybill], role, waybill, times, registry)
    missing = papers.faults[waybill] & (WaybillFault.NO_ESCORT | WaybillFault.ESCORT_DRIVES)
    return np.where(missing == 0, faults, 0)
