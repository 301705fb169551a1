#!/usr/bin/env python3
"""Judges FHIR messages by fhir.resources, nested bundles included: *.r4.xml and *.r4.json as R4, other *.xml as STU3.

Usage: validate_fhir.py FILE_OR_FOLDER...
Needs: pip install 'fhir.resources[xml]==8.3.0' lxml
Says one line a file; ends with 1 when a message is not valid, and with 2 when there was nothing to judge.
"""

import sys
from pathlib import Path

# The library has no R4 by itself; R4B differs from it in nothing that these messages hold.
from fhir.resources.R4B.bundle import Bundle as R4Bundle
from fhir.resources.STU3.bundle import Bundle


def resources(bundle):
    """Every resource inside, in order, the nested documents' too."""
    for entry in bundle.entry or []:
        yield entry.resource
        if isinstance(entry.resource, (Bundle, R4Bundle)):
            yield from resources(entry.resource)


def read(file):
    """The message in a file, or whatever the library says of it."""
    if file.name.endswith(".r4.json"):
        return R4Bundle.model_validate_json(file.read_bytes())
    kind = R4Bundle if file.name.endswith(".r4.xml") else Bundle
    return kind.model_validate_xml(file.read_bytes())


def main(arguments):
    files = []
    for argument in map(Path, arguments):
        found = [*argument.glob("*.xml"), *argument.glob("*.r4.json")]
        files += sorted(found) if argument.is_dir() else [argument]
    if not files:
        print("no messages to judge", file=sys.stderr)
        return 2
    refused = 0
    for file in files:
        try:
            bundle = read(file)
            print(f"ok      {file.name}: {sum(1 for _ in resources(bundle))} resources")
        except Exception as problem:  # the library has many kinds, and each means the same here
            refused += 1
            print(f"REFUSED {file.name}: {problem}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
