"""Reads a JUnit report, checks its form, and prints its contents as JSON."""

import json
import sys
import xml.etree.ElementTree as ElementTree

# The part of the schema of Jenkins' xUnit plugin (junit-10.xsd) that is used here.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors", "skipped", "disabled"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped", "disabled", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped"},
}


def check(element):
    """Checks that the names are in the schema and the counts are right."""
    assert set(element.attrib) <= ATTRIBUTES[element.tag], (element.tag, element.attrib)
    for child in element:
        assert child.tag in CHILDREN.get(element.tag, set()), (element.tag, child.tag)
        check(child)
    if "time" in element.attrib:
        assert float(element.get("time")) >= 0
    if "tests" in element.attrib:
        assert int(element.get("tests")) == len(list(element.iter("testcase")))
        for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.get(attribute)) == len(list(element.iter(kind))), attribute


def case(element):
    """Returns the class name, name, result and message of a case."""
    for child in element:
        return [element.get("classname"), element.get("name"), child.tag, child.get("message", "")]
    return [element.get("classname"), element.get("name"), "passed", ""]


root = ElementTree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites"
check(root)
print(json.dumps([{"suite": suite.get("name"), "cases": [case(one) for one in suite]} for suite in root]))
