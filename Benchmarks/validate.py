"""Validates manifests with PyYAML (libyaml) and jsonschema, to compare with `pcipass validate`.

usage: validate.py SCHEMAS DIR

Reads every document under DIR and checks it against SCHEMAS/host.schema.json or guest.schema.json.
"""

import json
import os
import sys

import jsonschema
import yaml


def main():
    schemas, folder = sys.argv[1:]
    validators = {}
    for kind in ("Host", "Guest"):
        with open(f"{schemas}/{kind.lower()}.schema.json") as file:
            validators[kind] = jsonschema.Draft202012Validator(json.load(file))
    counts = dict.fromkeys(validators, 0)
    failed = False
    for path in sorted(os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names):
        if not path.endswith((".yaml", ".yml")):
            continue
        with open(path) as file:
            for document in yaml.load_all(file, Loader=yaml.CSafeLoader):
                kind = document["kind"]
                counts[kind] += 1
                for error in validators[kind].iter_errors(document):
                    failed = True
                    print(f"{path}: {error.json_path}: {error.message}", file=sys.stderr)
    if failed:
        sys.exit(1)
    print(f"Valid: {counts['Host']} hosts, {counts['Guest']} guests.")


main()
