"""What Pydantic models say of themselves: their fields, types and docstrings, those of attributes included."""

import ast
import inspect
import textwrap
import types
import typing
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tests.support.documentation.markdown import code, line, listed, table


def fields_table(model: type[BaseModel]) -> str:
    """A table of a model's fields."""
    rows = [
        (code(name), _type(field.annotation), default(name, field), meaning(model, name))
        for name, field in model.model_fields.items()
    ]
    return table(("field", "type", "default", "meaning"), rows)


def _type(annotation: Any) -> str:
    """A type in words."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin in (typing.Union, types.UnionType):
        parts = [_type(one) for one in inner if one is not type(None)]
        return " or ".join([*dict.fromkeys(parts), *(["null"] if type(None) in inner else [])])
    if origin is typing.Literal:
        return " or ".join(code(str(getattr(value, "value", value))) for value in inner)
    if origin is list:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"object of {_type(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(code(str(member.value)) for member in annotation)
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


_WORDS: Final = {str: "text", int: "integer", float: "number", bool: "boolean", Any: "anything", Path: "path"}


def default(name: str, field: FieldInfo) -> str:
    """What counts where nothing is set."""
    if name == "data_dir":
        return "the platform's user data directory"
    if field.default is PydanticUndefined:
        return "" if field.default_factory else "required"
    value = field.default
    if isinstance(value, BaseModel):
        return ""
    if value is None or value in ([], {}, ""):
        return "–"
    if isinstance(value, list):
        return "all" if len(value) == len(type(value[0])) else listed(one.value for one in value)
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(str(value.value if isinstance(value, Enum) else value))


def meaning(model: type[BaseModel], name: str) -> str:
    """What the docstring under a field says, or else that of the field's type."""
    for holder in model.__mro__:
        if issubclass(holder, BaseModel) and holder is not BaseModel and name in holder.__annotations__:
            said = doc_of(holder, name)
            classes = classes_in(model.model_fields[name].annotation)
            said = said or (doc(classes[0]) if len(classes) == 1 else "")
            return said.replace("`None`", "`null`")
    return ""


def classes_in(annotation: Any) -> list[type]:
    """Our own classes in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Enum):
        return [annotation]
    return [found for one in typing.get_args(annotation) for found in classes_in(one)]


def doc_of(holder: type, name: str) -> str:
    """The docstring under an attribute, in one line."""
    return line(_attribute_docs(holder).get(name, ""))


@cache
def _attribute_docs(holder: type) -> dict[str, str]:
    source = textwrap.dedent(inspect.getsource(holder))
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    return _attribute_docs_in(body.body)


def attribute_docs_of(source: str) -> dict[str, str]:
    """The docstrings under the names of a module, given its text."""
    return _attribute_docs_in(ast.parse(source).body)


def _attribute_docs_in(body: list[ast.stmt]) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement, following in pairwise(body):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = text
    return found


def doc(thing: Any) -> str:
    """The first paragraph of a docstring."""
    return line((inspect.getdoc(thing) or "").split("\n\n")[0])
