#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validates reports of mqlapse: validate_report.py FILE...

FILE is what --report=json or --report=ndjson wrote; "-" is standard input.  The installed schema lets
later versions add keys; here every key must be one that the schema knows.  Exit 0: all valid,
1: not, 77: there is no python3-jsonschema.
"""
import json
import os
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("Skipped: python3-jsonschema is not installed.")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "..", "ui", "report", "mqlapse.report-1.schema.json")
TYPES = ("capture", "broker", "client", "event", "incident", "finding", "summary")


def close_objects(schema):
    """Forbids keys that the schema does not name."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            close_objects(part)
    elif isinstance(schema, list):
        for part in schema:
            close_objects(part)


def load_schema():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    close_objects(schema)
    return schema


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key stands twice: %s" % keys)
    return dict(pairs)


def not_a_number(text):
    raise ValueError("%s is not JSON" % text)


def parse(text):
    return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=not_a_number)


def faults_of(value, validator):
    for error in validator.iter_errors(value):
        yield "%s: %s" % (error.json_path, error.message[:300])


def line_faults(line, number, schema):
    value = parse(line)
    kind = value.pop("type", None)
    if kind not in TYPES:
        yield "line %d: type %r" % (number, kind)
        return
    if kind == "capture" and value.pop("schema", None) != "mqlapse.report/1":
        yield "line %d: no schema name" % number
    part = dict(schema, **{"$ref": "#/$defs/%s" % kind})
    for fault in faults_of(value, Draft202012Validator(part)):
        yield "line %d: %s" % (number, fault)


def file_faults(text, schema):
    """One object is a report; several, a line each, are ndjson."""
    first_line = text.split("\n", 1)[0]
    if first_line.startswith('{"type":'):
        for number, line in enumerate(text.splitlines(), 1):
            yield from line_faults(line, number, schema)
    else:
        yield from faults_of(parse(text), Draft202012Validator(schema))


def main(names):
    schema = load_schema()
    n_faults = 0
    for name in names:
        data = sys.stdin.buffer.read() if name == "-" else open(name, "rb").read()
        try:
            faults = list(file_faults(data.decode("utf-8"), schema))
        except ValueError as error:
            faults = [str(error)]
        for fault in faults[:20]:
            print("%s: %s" % (name, fault))
        n_faults += len(faults)
    return 1 if n_faults or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
