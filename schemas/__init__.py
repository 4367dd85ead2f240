"""What collectives say: typed records, their wire form, their JSON Schemas and JSON-LD terms.

One file a kind; the structs themselves are imported from their modules (`schemas.need.Need`).
"""

from schemas.context import context_for
from schemas.errors import (
    LimitError,
    MissingFieldError,
    SchemaError,
    UnknownCurrencyError,
    UnknownFieldError,
    UnknownKindError,
    UnknownUnitError,
    ValueTypeError,
)
from schemas.parts import CURRENCIES, Money, Quantity, Unit, Uri
from schemas.record import CONTROL, Field, FieldInfo, Part, Record, fields, record_type, records
from schemas.wire import from_wire, local, to_wire

__all__ = [
    "CONTROL",
    "CURRENCIES",
    "Field",
    "FieldInfo",
    "LimitError",
    "MissingFieldError",
    "Money",
    "Part",
    "Quantity",
    "Record",
    "SchemaError",
    "Unit",
    "UnknownCurrencyError",
    "UnknownFieldError",
    "UnknownKindError",
    "UnknownUnitError",
    "Uri",
    "ValueTypeError",
    "context_for",
    "fields",
    "from_wire",
    "local",
    "record_type",
    "records",
    "to_wire",
]
