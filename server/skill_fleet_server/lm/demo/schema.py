"""Fills any JSON schema with the smallest plausible value, deterministically."""

import hashlib
from typing import Any

_DEPTH = 6
"""Nesting below which optional properties are left out, so that recursive schemas end."""

_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uri": "https://example.invalid/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "demo@example.invalid",
}


def fill(schema: dict[str, Any], about: str) -> Any:
    """A JSON value that fits the schema.

    Args:
        schema: As pydantic writes it, with `$defs`.
        about: Text of the call that strings are made from.
    """
    return _Filler(schema.get("$defs", {}), about).value(schema, "value", 0)


class _Filler:
    def __init__(self, definitions: dict[str, Any], about: str) -> None:
        self._definitions = definitions
        self._about = about

    def value(self, schema: dict[str, Any], key: str, depth: int) -> Any:
        if "$ref" in schema:
            return self.value(self._definitions[schema["$ref"].rsplit("/", 1)[1]], key, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._pick(key, len(schema["enum"]))]
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                choices = [choice for choice in schema[union] if choice.get("type") != "null"] or schema[union]
                return self.value(choices[0], key, depth)
        match schema.get("type"):
            case "object":
                return self._object(schema, key, depth)
            case "array":
                return self._array(schema, key, depth)
            case "boolean":
                return True
            case "integer" | "number" as kind:
                return _number(schema, whole=kind == "integer")
            case "null":
                return None
        return self._string(schema, key)

    def _pick(self, key: str, choices: int) -> int:
        return hashlib.sha256(f"{key}\0{self._about}".encode()).digest()[0] % choices

    def _object(self, schema: dict[str, Any], key: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        if properties:
            wanted = properties if depth < _DEPTH else schema.get("required", ())
            return {name: self.value(properties[name], f"{key}.{name}", depth + 1) for name in wanted}
        values = schema.get("additionalProperties")
        return {"demo": self.value(values, key, depth + 1)} if isinstance(values, dict) else {}

    def _array(self, schema: dict[str, Any], key: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.value(item, f"{key}.{n}", depth + 1) for n, item in enumerate(schema["prefixItems"])]
        wanted = 0 if depth > _DEPTH else min(2, schema.get("maxItems", 2))
        items = schema.get("items", {"type": "string"})
        return [self.value(items, f"{key}.{n}", depth + 1) for n in range(max(wanted, schema.get("minItems", 0)))]

    def _string(self, schema: dict[str, Any], key: str) -> str:
        if "format" in schema:
            return _FORMATS.get(schema["format"], "demo")
        name = next((part for part in reversed(key.split(".")) if not part.isdigit()), "value")
        text = f"Demo {name.replace('_', ' ')} for: {self._about}"
        return text[: schema.get("maxLength", len(text))].ljust(schema.get("minLength", 0), ".")


def _number(schema: dict[str, Any], *, whole: bool) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None and high is None:
        return 1 if whole else 0.5
    if low is None:
        low = high - 2
    if high is None:
        high = low + 2
    return int((low + high) // 2) if whole else (low + high) / 2
