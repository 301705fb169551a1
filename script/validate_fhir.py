#!/usr/bin/env python3
"""Judges FHIR STU3 XML messages by fhir.resources, nested bundles included.

Usage: validate_fhir.py FILE_OR_FOLDER...
Needs: pip install 'fhir.resources[xml]==8.3.0' lxml
Says one line a file; ends with 1 when a message is not valid, and with 2 when there was nothing to judge.
"""

import sys
from pathlib import Path

from fhir.resources.STU3.bundle import Bundle


def resources(bundle):
    """Every resource inside, in order, the nested documents' too."""
    for entry in bundle.entry or []:
        yield entry.resource
        if isinstance(entry.resource, Bundle):
            yield from resources(entry.resource)


def main(arguments):
    files = []
    for argument in map(Path, arguments):
        files += sorted(argument.glob("*.xml")) if argument.is_dir() else [argument]
    if not files:
        print("no messages to judge", file=sys.stderr)
        return 2
    refused = 0
    for file in files:
        try:
            bundle = Bundle.model_validate_xml(file.read_bytes())
            print(f"ok      {file.name}: {sum(1 for _ in resources(bundle))} resources")
        except Exception as problem:  # the library has many kinds, and each means the same here
            refused += 1
            print(f"REFUSED {file.name}: {problem}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
