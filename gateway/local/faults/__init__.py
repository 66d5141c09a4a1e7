"""Faults on demand: one fault and its word (fault), rules for providers (rules), the playing of it.

Call  ->  Faults.draw  ->  nothing: the upstream's own answer
                      ->  a Fault: Faulty spoils, delays or replaces it, and names it in the answer
"""

from gateway.local.faults.fault import (
    FAULT_HEADER,
    SCANNER_FAULT_HEADER,
    Fault,
    fault_of,
    script_of,
)
from gateway.local.faults.faulty import Faulty
from gateway.local.faults.rules import Faults, Rule

__all__ = [
    "FAULT_HEADER",
    "SCANNER_FAULT_HEADER",
    "Fault",
    "Faults",
    "Faulty",
    "Rule",
    "fault_of",
    "script_of",
]
