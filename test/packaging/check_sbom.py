#!/usr/bin/env python3
"""Checks a bill of materials against the required fields of SPDX 2.3: check_sbom.py FILE [PACKAGE@VERSION…]

The file must contain the packages of the arguments, and claim no licence.
"""
import datetime
import json
import re
import sys

IDENTIFIER = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages",
            "relationships"}
PACKAGE = {"SPDXID", "name", "versionInfo", "primaryPackagePurpose", "downloadLocation", "filesAnalyzed",
           "licenseConcluded", "licenseDeclared", "copyrightText"}
RELATIONSHIPS = {"DESCRIBES", "DEPENDS_ON", "BUILD_TOOL_OF"}


def check_document(document):
    assert document.keys() == DOCUMENT, document.keys() ^ DOCUMENT
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["dataLicense"] == "CC0-1.0"
    assert document["SPDXID"] == "SPDXRef-DOCUMENT"
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["documentNamespace"])
    creation = document["creationInfo"]
    assert creation.keys() == {"created", "creators"}
    datetime.datetime.strptime(creation["created"], "%Y-%m-%dT%H:%M:%SZ")
    assert creation["creators"] and all(re.fullmatch(r"Tool: \S+-\S+", text) for text in creation["creators"])


def check_package(package):
    assert package.keys() - {"sourceInfo"} == PACKAGE, package
    assert IDENTIFIER.fullmatch(package["SPDXID"]), package
    assert package["name"] and re.fullmatch(r"\d+(\.\d+)+", package["versionInfo"]), package
    assert package["primaryPackagePurpose"] in ("LIBRARY", "APPLICATION"), package
    assert package["filesAnalyzed"] is False
    for field in ("downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
        assert package[field] == "NOASSERTION", package


def check_relationships(document):
    identifiers = [package["SPDXID"] for package in document["packages"]]
    assert len(set(identifiers)) == len(identifiers), identifiers
    related = set()
    for relationship in document["relationships"]:
        ends = {relationship["spdxElementId"], relationship["relatedSpdxElement"]}
        assert ends <= {"SPDXRef-DOCUMENT", *identifiers}, relationship
        assert relationship["relationshipType"] in RELATIONSHIPS, relationship
        related |= ends
    assert related == {"SPDXRef-DOCUMENT", *identifiers}, related


def main():
    with open(sys.argv[1]) as file:
        document = json.load(file)
    check_document(document)
    for package in document["packages"]:
        check_package(package)
    check_relationships(document)
    assert re.fullmatch(r"git revision ([0-9a-f]{12,}(-dirty)?|unknown)", document["packages"][0]["sourceInfo"])
    found = {f"{package['name']}@{package['versionInfo']}" for package in document["packages"]}
    assert set(sys.argv[2:]) == found, (sys.argv[2:], found)


if __name__ == "__main__":
    main()
