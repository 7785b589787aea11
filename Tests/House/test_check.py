"""Tests each rule of the check on a small tree that breaks only this rule."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check")
loader = importlib.machinery.SourceFileLoader("check", str(CHECK))
# No cache file is written beside the check.
loader.set_data = lambda *_, **__: None
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
loader.exec_module(check)

TREE = {
    "Package.swift": "// One direction:\n//   Left → Right\nlet package = Package()\n",
    "CONTRIBUTING.md": "| folder | subject |\n| --- | --- |\n"
                       "| `Sources/Left` | first |\n| `Sources/Right` | `Inner` comes second |\n",
    "Sources/Left/A.swift": "import Glibc\n\npublic struct A {\n  enum Kind { case one }\n}\n",
    "Sources/Right/B.swift": "import Left\n\nstruct B {\n  enum Kind { case two }\n}\n",
    "Sources/Right/Inner/C.swift": "@testable public import struct Left.A\n",
    "Tests/RightTests/D.swift": "@testable import Right\n\nfunc insight(spanning: Int) {}\n",
}


class HouseTests(unittest.TestCase):
    def violations(self, files=(), without=()):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**TREE, **dict(files)}.items():
                if name not in without:
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    (root / name).write_text(text, encoding="utf-8")
            return check.House(root).check()

    def assert_one(self, place, files=(), without=()):
        found = self.violations(files, without)
        self.assertEqual([violation.rsplit(": ")[0] for violation in found], [place], found)

    def test_in_order(self):
        self.assertEqual(self.violations(), [])

    def test_file_of_one_name_in_two_folders(self):
        self.assert_one("Sources/Right/A.swift:1", {"Sources/Right/A.swift": ""})

    def test_type_of_one_name_in_two_modules(self):
        for text in ("struct A {}", "enum X {\n  private final class A {}\n}", "extension B { actor A {} }"):
            self.assert_one(
                f"Sources/Right/E.swift:{1 + text.count(chr(10), 0, text.index(' A'))}",
                {"Sources/Right/E.swift": text})
        for text in ("// struct A", '"struct A"', '"""\n  struct A\n  """', '#"a"struct A"#', "func f(_: A.Type)"):
            self.assertEqual(self.violations({"Sources/Right/E.swift": text}), [], text)

    def test_type_of_one_name_in_one_module(self):
        self.assertEqual(self.violations({"Sources/Left/E.swift": "enum E {\n  struct A {}\n}"}), [])

    def test_long_file(self):
        self.assert_one("Sources/Left/E.swift:301", {"Sources/Left/E.swift": "\n" * 301})
        self.assertEqual(self.violations({"Sources/Left/E.swift": "\n" * 300}), [])

    def test_median(self):
        self.assert_one("Sources:1", {f"Sources/Left/E{number}.swift": "\n" * 90 for number in range(4)})

    def test_import_of_a_target_to_the_right(self):
        for line in ("import Right", "@testable import Right", "private import struct Right.B", "import Left"):
            self.assert_one("Sources/Left/E.swift:2", {"Sources/Left/E.swift": "import Glibc\n" + line})

    def test_order_of_targets(self):
        self.assert_one("Package.swift:1", {"Package.swift": "let package = Package()"})
        self.assert_one("Package.swift:1", {"Package.swift": "// Left → Middle → Right"})
        outside = {"Sources/New/E.swift": "", "CONTRIBUTING.md": TREE["CONTRIBUTING.md"] + "| `Sources/New` | |\n"}
        self.assert_one("Package.swift:2", outside)

    def test_word_in_a_name(self):
        for name in ("Deed", "lastDeeds", "PATIENCE", "hasSight", "Span"):
            self.assert_one("Sources/Left/E.swift:2", {"Sources/Left/E.swift": f"\nlet x: {name}\nlet y: {name}"})
            self.assert_one("Tests/RightTests/E.swift:1", {"Tests/RightTests/E.swift": f"func {name}() {{}}"})
            self.assertEqual(self.violations({"Sources/Left/E.swift": f'let x = "{name}" // {name}'}), [])
        self.assert_one("Tests/RightTests/DeedTests.swift:1", {"Tests/RightTests/DeedTests.swift": ""})

    def test_name_of_a_type(self):
        self.assert_one("Sources/Left/E.swift:1", {"Sources/Left/E.swift": "struct Place {}"})
        self.assertEqual(self.violations({"Sources/Left/E.swift": "let place = InPlace()"}), [])

    def test_table_of_folders(self):
        self.assert_one("CONTRIBUTING.md:1", {"CONTRIBUTING.md": TREE["CONTRIBUTING.md"].replace("`Inner`", "")})
        self.assert_one("CONTRIBUTING.md:1", {"Sources/Right/Inner/Deep/E.swift": ""})
        table = TREE["CONTRIBUTING.md"].replace("`Inner`", "`Inner`, `Inner/Deep`")
        self.assertEqual(self.violations({"Sources/Right/Inner/Deep/E.swift": "", "CONTRIBUTING.md": table}), [])
        row = "| `Sources/Gone` | |\n"
        self.assert_one("CONTRIBUTING.md:5", {"CONTRIBUTING.md": TREE["CONTRIBUTING.md"] + row})

    def test_duplicated_lines(self):
        lines = "".join(f"let x{number} = {number}\n" for number in range(12))
        for count, expected in ((9, 0), (10, 1), (12, 1)):
            body = "".join(lines.splitlines(keepends=True)[:count])
            found = self.violations({"Sources/Left/E.swift": body, "Sources/Right/F.swift": "\n}\n" + body})
            self.assertEqual(len(found), expected, found)
        self.assertEqual(self.violations({"Sources/Left/E.swift": "let x = 1\n" * 9}), [])


if __name__ == "__main__":
    unittest.main()
