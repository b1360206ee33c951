"""One value of every stored model with every field filled in, made of its types alone."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import inspect

_MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def filled(kind: type[msgspec.Struct]) -> msgspec.Struct:
    """Every field has a value, where it may be None too; every collection has one member."""
    fields = inspect.type_info(kind)
    if not isinstance(fields, inspect.StructType):
        raise TypeError(f"{kind} is no struct")
    return kind(**{field.name: _value(field.type, field.name) for field in fields.fields})


_SIMPLE: dict[type[inspect.Type], Any] = {
    inspect.BoolType: True,
    inspect.IntType: 7,
    inspect.FloatType: 1.5,
    inspect.BytesType: b"\x1f\x8b\xff",
    inspect.DateTimeType: _MOMENT,
    inspect.DateType: _MOMENT.date(),
    inspect.TimeType: _MOMENT.time(),
}


def _value(of: inspect.Type, name: str) -> Any:
    match of:
        case inspect.StrType() | inspect.AnyType():
            return f"some {name}"
        case inspect.EnumType(cls=cls):
            return next(iter(cls))
        case inspect.StructType(cls=cls):
            return filled(cls)
        case inspect.UnionType(types=types):
            return _value(next(one for one in types if not isinstance(one, inspect.NoneType)), name)
        case _:
            return _SIMPLE[type(of)] if type(of) in _SIMPLE else _collection(of, name)


def _collection(of: inspect.Type, name: str) -> Any:
    match of:
        case inspect.VarTupleType(item_type=item):
            return (_value(item, name),)
        case inspect.TupleType(item_types=items):
            return tuple(_value(item, name) for item in items)
        case inspect.ListType(item_type=item):
            return [_value(item, name)]
        case inspect.DictType(key_type=key, value_type=value):
            return {_value(key, name): _value(value, name)}
        case _:
            raise TypeError(f"{name} has a type that no sample can be made of yet: {of}")
