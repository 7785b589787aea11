#!/usr/bin/python3
"""Validates documents with an independent YAML reader and an independent JSON Schema validator.

    verdict.py FOLDER

FOLDER has `schemas/KIND.json` and `documents/NAME.yaml` or `.json`. The output has one line per
document: NAME, a tab, `valid` or `invalid`, a tab, the reason. Each pattern is matched twice, by
Python's engine and by RE2, which has no look-around and no back references, as Go's regexp. A
schema that RE2 cannot load, an `$id` that is not absolute, and a text on which the two engines
disagree end the script with status 1. It is a test tool, and not part of pcipass.
"""

import concurrent.futures
import ctypes
import functools
import json
import multiprocessing
import pathlib
import re
import subprocess
import sys

import jsonschema.validators
import yaml

NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
TRUE = re.compile(r"(?:true|True|TRUE)\Z")
FALSE = re.compile(r"(?:false|False|FALSE)\Z")
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
FLOAT = re.compile(r"-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
# Digits with a leading zero are a number in YAML 1.1 (octal) and in 1.2, but not in JSON.
ZEROES = re.compile(r"-?0[0-9]+\Z")
ODD_LINE_END = re.compile(b"\r(?!\n)|\xc2\x85|\xe2\x80[\xa8\xa9]")


class Invalid(Exception):
    """A document that cannot be validated against a schema."""


def plain(text):
    if NULL.match(text):
        return None
    if TRUE.match(text):
        return True
    if FALSE.match(text):
        return False
    if INTEGER.match(text):
        return int(text)
    if HEXADECIMAL.match(text):
        return int(text, 16)
    if FLOAT.match(text) and not ZEROES.match(text):
        return float(text)
    return text


def value(node, above=()):
    if any(node is other for other in above):
        raise Invalid("an alias within its own anchor")
    if node.tag not in TAGS[type(node)]:
        raise Invalid("the tag " + node.tag)
    above = (*above, node)
    if isinstance(node, yaml.ScalarNode):
        return plain(node.value) if node.tag == PLAIN and not node.style else node.value
    if isinstance(node, yaml.SequenceNode):
        return [value(element, above) for element in node.value]
    return members((value_of_key(key), value(element, above)) for key, element in node.value)


def value_of_key(node):
    if not isinstance(node, yaml.ScalarNode):
        raise Invalid("a key that is no text")
    return node.value


def members(pairs):
    result = {}
    for key, element in pairs:
        if key in result:
            raise Invalid("a duplicate key: " + key)
        result[key] = element
    return result


PLAIN = "plain"
TEXT, SEQUENCE, MAPPING = ("tag:yaml.org,2002:" + kind for kind in ("str", "seq", "map"))
TAGS = {yaml.ScalarNode: {PLAIN, TEXT}, yaml.SequenceNode: {SEQUENCE}, yaml.MappingNode: {MAPPING}}


class Loader(yaml.CLoader):
    """PyYAML's libyaml loader without the resolution of scalars, which `plain` does."""

    def resolve(self, kind, text, implicit):
        if kind is yaml.ScalarNode:
            # A scalar with quotes or the tag `!` is text.
            return PLAIN if implicit[0] else TEXT
        return SEQUENCE if kind is yaml.SequenceNode else MAPPING


def document(path):
    text = path.read_bytes()
    if path.suffix == ".json":
        return json.loads(text, object_pairs_hook=members, parse_constant=refuse_constant)
    if ODD_LINE_END.search(text):
        raise Invalid("a line end that YAML 1.1 and 1.2 do not agree on")
    loader = Loader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    if node is None:
        raise Invalid("an empty document")
    return value(node)


def refuse_constant(text):
    raise Invalid("the number " + text)


@functools.cache
def ecma(pattern):
    """Python's `$` also matches before a last line end, unlike that of ECMA 262: it is replaced."""
    return re.compile(re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\$", lambda match: match[1] or r"\Z", pattern, flags=re.S))


class RE2:
    """RE2 through re2.cpp, which is compiled into the folder."""

    def __init__(self, folder):
        source, library = pathlib.Path(__file__).with_name("re2.cpp"), folder / "re2.so"
        command = ["c++", "-std=c++17", "-shared", "-fPIC", "-o", library, source, "-lre2"]
        subprocess.run(command, check=True)
        self.library = ctypes.CDLL(str(library))
        self.library.compile.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        self.library.compile.restype = ctypes.c_void_p
        self.library.search.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        self.library.search.restype = ctypes.c_bool

    @functools.cache
    def compiled(self, expression):
        text = expression.encode()
        pattern = self.library.compile(text, len(text))
        if not pattern:
            sys.exit(f"RE2 does not compile {expression!r}")
        return pattern

    def search(self, expression, text):
        data = text.encode(errors="replace")
        return self.library.search(self.compiled(expression), data, len(data))


def patterns(schema):
    """All regular expressions of a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
        schema = schema.values()
    if not isinstance(schema, str) and hasattr(schema, "__iter__"):
        for part in schema:
            yield from patterns(part)


def pattern(validator, expression, instance, schema):
    if not validator.is_type(instance, "string"):
        return
    matches = bool(ecma(expression).search(instance))
    if engines[0].search(expression, instance) != matches:
        raise SystemExit(f"Python and RE2 disagree on {expression!r} and {instance!r}")
    if not matches:
        yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})


def verdict(path):
    try:
        instance = document(path)
        kind = instance.get("kind") if isinstance(instance, dict) else None
        if not isinstance(kind, str) or kind not in validators:
            raise Invalid("no known kind")
        error = next(validators[kind].iter_errors(instance), None)
    except (Invalid, yaml.YAMLError, ValueError, RecursionError) as problem:
        error = problem
    why = " ".join(str(getattr(error, "message", error)).split())[:200]
    return f"{path.name}\t{'valid' if error is None else 'invalid'}\t{why}"


def main(folder):
    engines.append(RE2(folder))
    for path in sorted((folder / "schemas").iterdir()):
        schema = json.loads(path.read_bytes())
        jsonschema.Draft202012Validator.check_schema(schema)
        if not re.match("https://[^/]+/", schema["$id"]):
            sys.exit(f"{path.name} has no absolute $id")
        for expression in patterns(schema):
            engines[0].compiled(expression)
        validators[path.stem] = Validator(schema)
    # The workers of an executor end by themselves. A Pool ends its workers by SIGTERM, which the
    # parent of this process may have blocked.
    fork = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(mp_context=fork) as workers:
        for line in workers.map(verdict, sorted((folder / "documents").iterdir()), chunksize=64):
            print(line)


validators = {}
engines = []

if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
