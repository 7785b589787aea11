#!/usr/bin/python3
"""Parses XML documents with expat, through Python's ElementTree.

    xml.py FOLDER

FOLDER has `documents/NAME`. The output has one line per document: NAME, a tab, `valid` or
`invalid`, a tab, the reason. The tree of a valid document is written to `trees/NAME`, one line for
each element, attribute and text. It is a test tool, and not part of pcipass.
"""

import pathlib
import sys

# Python searches the folder of this file first, and this file is not the package `xml`.
sys.path.pop(0)

from xml.etree import ElementTree  # noqa: E402


def escaped(text):
    for character, escape in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return text


def lines(element, depth=0):
    yield f"{depth} <{element.tag}"
    for name, value in element.items():
        yield f"{depth} @{name}={escaped(value)}"
    yield f"{depth} {escaped((element.text or '') + ''.join(child.tail or '' for child in element))}"
    for child in element:
        yield from lines(child, depth + 1)


def main(folder):
    (folder / "trees").mkdir()
    for path in sorted((folder / "documents").iterdir()):
        try:
            root = ElementTree.fromstring(path.read_bytes())
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            print(f"{path.name}\tinvalid\t{error}")
            continue
        tree = "".join(line + "\n" for line in lines(root))
        (folder / "trees" / path.name).write_bytes(tree.encode("utf-8", "surrogatepass"))
        print(f"{path.name}\tvalid\t")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
