"""What can be wrong with a record, drawn first.

SchemaError                 a record does not hold: `field` as people type it, `expected` what would be right
├── MissingFieldError       a required field is not there
├── UnknownFieldError       a field that this kind does not have
├── UnknownKindError        no struct has this kind
├── ValueTypeError          a value of another type or form than the field's
├── LimitError              too long, too many, not positive
├── UnknownUnitError        a unit that is not in the list
└── UnknownCurrencyError    a currency that is not in the list
"""


class SchemaError(Exception):
    """Base of the library.

    `expected` is an English sentence with {placeholders}, a message id for whoever shows it; `values` fills it.
    """

    def __init__(self, field: str, expected: str, **values: object) -> None:
        super().__init__(field, expected, values)
        self.field = field
        self.expected = expected
        self.values = values

    def __str__(self) -> str:
        return f"{self.field}: {self.expected.format(**self.values)}"

    def within(self, outer: str) -> "SchemaError":
        """The same error seen from the field that holds this one: `weight` in row 2 of `claims` is `claims[2].weight`."""
        joint = "" if self.field.startswith("[") or not self.field else "."
        return type(self)(f"{outer}{joint}{self.field}", self.expected, **self.values)


class MissingFieldError(SchemaError):
    """A required field is not there."""


class UnknownFieldError(SchemaError):
    """A field that this kind does not have."""


class UnknownKindError(SchemaError):
    """No struct has this kind."""


class ValueTypeError(SchemaError):
    """A value of another type or form than the field's."""


class LimitError(SchemaError):
    """Too long, too many, not positive."""


class UnknownUnitError(SchemaError):
    """A unit that is not in the list."""


class UnknownCurrencyError(SchemaError):
    """A currency that is not in the list."""
