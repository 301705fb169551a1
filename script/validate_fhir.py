#!/usr/bin/env python3
"""Judges FHIR messages by fhir.resources, nested bundles included: *.r4.xml and *.r4.json as R4, other *.xml as STU3.

Usage: validate_fhir.py FILE_OR_FOLDER...
Needs: pip install 'fhir.resources[xml]==8.3.0' lxml
Says one line a file; ends with 1 when a message is not valid, and with 2 when there was nothing to judge.
"""

import json
import sys
from pathlib import Path

# The library has no R4 by itself; R4B differs from it in nothing that these messages hold.
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle as R4Bundle
from fhir.resources.STU3.bundle import Bundle
from lxml import etree


def resources(bundle):
    """Every resource inside, in order, the nested documents' too."""
    for entry in getattr(bundle, "entry", None) or []:
        yield entry.resource
        if isinstance(entry.resource, (Bundle, R4Bundle)):
            yield from resources(entry.resource)


def read(file):
    """The message in a file, or whatever the library says of it."""
    text = file.read_bytes()
    if file.name.endswith(".r4.json"):
        return get_fhir_model_class(json.loads(text)["resourceType"]).model_validate_json(text)
    if file.name.endswith(".r4.xml"):
        kind = etree.QName(etree.fromstring(text)).localname
        return get_fhir_model_class(kind).model_validate_xml(text)
    return Bundle.model_validate_xml(text)


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
