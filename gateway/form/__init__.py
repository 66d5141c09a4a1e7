"""The header form without its widgets: fields from the header table, typed text to ``Options``.

GROUPS        the groups and their fields: kind of widget, unit, limits, default, source
read, show    one field: what a widget holds <-> a value
SETTINGS      what a gateway is set to besides, which no header changes
fill          a whole form -> Filled: valid Options, and a Problem for each refused value
"""

from gateway.form.durations import parse_duration, spell_duration
from gateway.form.fields import (
    FIELDS,
    GROUPS,
    Field,
    Filled,
    Given,
    Group,
    Kind,
    Problem,
    fill,
    read,
    show,
)
from gateway.form.settings import SETTINGS, GatewaySetting
from gateway.form.tables import object_of, rows_of

__all__ = [
    "FIELDS",
    "GROUPS",
    "SETTINGS",
    "Field",
    "Filled",
    "GatewaySetting",
    "Given",
    "Group",
    "Kind",
    "Problem",
    "fill",
    "object_of",
    "parse_duration",
    "read",
    "rows_of",
    "show",
    "spell_duration",
]
