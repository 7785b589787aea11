#!/usr/bin/python3
"""What expat, as Python's ElementTree has it, says of XML documents.

    xml.py FOLDER

FOLDER holds `documents/NAME`. One line a document is printed: NAME, a tab, `valid` or `invalid`, a tab, why.
Of a valid one the tree is written into `trees/NAME`, a line for each element, attribute and text. A test tool;
nothing of it is part of pcipass.
"""

import pathlib
import sys

# The folder of this file is where Python looks first, and this file is not the package `xml`.
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
