import Documents
import TestSupport
import Testing

@Suite("The XML reader")
struct XMLReaderTests {
  @Test(arguments: [
    ("<a/>", "a"), ("<a></a>", "a"), ("<a\n/>", "a"), ("<a></a\t>", "a"), ("\n<a/>\n", "a"),
    ("\u{FEFF}<a/>", "a"), ("<?xml version='1.0'?><a/>", "a"), ("<?xml version=\"1.1\" ?><a/>", "a"),
    ("<?xml version = '1.0' encoding='UTF-8' standalone='no'?>\n<a/>", "a"),
    ("<!----><!-- x - y --><a/><!-- > -->", "a"), ("<?x?><a/><?xml-y ? >?>", "a"),
    ("<?xml version='1.0' standalone='yes'?><a/>", "a"), ("<a b='1' c=\"2\"/>", "a b=1 c=2"),
    ("<a b = '\"' c\n=\n\"'\"/>", "a b=\" c='"), ("<a b=''/>", "a b="),
    ("<a b='x\ty\nz\r\nw\rv'/>", "a b=x y z w v"), ("<a b='&#10;&#9;&#13;'/>", "a b=\n\t\r"),
    ("<a b='>]]>'/>", "a b=>]]>"), ("<a b='&lt;&gt;&amp;&quot;&apos;'/>", "a b=<>&\"'"),
    ("<a>x\r\ny\rz</a>", "a \"x\ny\nz\""), ("<a>&#65;&#x42;&#x1F600;&#000067;</a>", "a \"AB😀C\""),
    ("<a>]] ] ]></a>", "a \"]] ] ]>\""), ("<a>]]&gt;</a>", "a \"]]>\""), ("<a>></a>", "a \">\""),
    ("<a><![CDATA[<&]]]]><![CDATA[>\r\n]]></a>", "a \"<&]]>\n\""), ("<a><![CDATA[]]></a>", "a"),
    ("<a>x<b>y</b>z<!-- w --><?v?>u</a>", "a \"xzu\" [b \"y\"]"), ("<a><b/><c><d/></c></a>", "a [b, c [d]]"),
    ("<é.-1 _='x'/>", "é.-1 _=x"), ("<a 𐀀='x'/>", "a 𐀀=x"), ("<a é='1' e\u{301}='2'/>", "a é=1 e\u{301}=2"),
    ("<q:a xmlns:q='u'><q:b/></q:a>", "q:a xmlns:q=u [q:b]"), ("<a xml:lang='e'/>", "a xml:lang=e"),
    ("<a xmlns='u'><b xmlns=''/></a>", "a xmlns=u [b xmlns=]"),
    ("<a p:x='1' q:x='2' x='3' xmlns:p='u' xmlns:q='v'/>", "a p:x=1 q:x=2 x=3 xmlns:p=u xmlns:q=v"),
    ("<a>\u{7F}\u{85}\u{FFFD}\u{10FFFF}</a>", "a \"\u{7F}\u{85}\u{FFFD}\u{10FFFF}\""),
  ])
  func `accepts well-formed XML`(text: String, outline: String) throws {
    #expect(try xml(text).outline == outline)
  }

  @Test(arguments: [
    ("", "1:1"), (" \n", "2:1"), ("x", "1:1"), ("<", "1:2"), ("<a", "1:1"), ("<a>", "1:2"),
    ("<a><b></b>", "1:2"),
    ("<a></b>", "1:4"), ("<a></ab>", "1:4"), ("<a></ a>", "1:4"), ("<a></a b>", "1:8"), ("</a>", "1:2"),
    ("<a/><b/>", "1:5"), ("<a/>x", "1:5"), ("<a/>&lt;", "1:5"), ("<a/ >", "1:3"), ("< a/>", "1:2"),
    ("<1/>", "1:2"), ("<-a/>", "1:2"), ("<a<b/>", "1:3"), ("<a b/>", "1:5"), ("<a b=c/>", "1:6"),
    ("<a b='1'c='2'/>", "1:9"), ("<a b='<'/>", "1:7"), ("<a b='x>", "1:6"), ("<a b='&'/>", "1:7"),
    ("<a\n b='1'\n b='2'/>", "3:2"), ("<a>]]></a>", "1:4"), ("<a>&</a>", "1:4"), ("<a>& b;</a>", "1:4"),
    ("<a>\n é&nbsp;</a>", "2:3"), ("<a>&lt</a>", "1:4"), ("<a>&#;</a>", "1:4"), ("<a>&#x;</a>", "1:4"),
    ("<a>&#X41;</a>", "1:4"), ("<a>&#0;</a>", "1:4"), ("<a>&#xD800;</a>", "1:4"), ("<a>&#xFFFE;</a>", "1:4"),
    ("<a>&#x110000;</a>", "1:4"), ("<a>&#99999999999999999999;</a>", "1:4"), ("<a>&#11;</a>", "1:4"),
    ("<a><!-- -- --></a>", "1:9"), ("<a><!-- ---></a>", "1:9"), ("<a><!-- </a>", "1:4"),
    ("<a><!-></a>", "1:4"),
    ("<a><![CDATA[ </a>", "1:4"), ("<a><![cdata[]]></a>", "1:4"), ("<![CDATA[]]><a/>", "1:2"),
    ("<a><?x </a>", "1:4"), ("<a><? x?></a>", "1:6"), ("<a><?x:y?></a>", "1:7"), ("<a><?XML?></a>", "1:4"),
    (" <?xml version='1.0'?><a/>", "1:2"), ("<?xml?><a/>", "1:1"), ("<?xml version='2.0'?><a/>", "1:16"),
    ("<?xml version='1.'?><a/>", "1:16"), ("<?xml encoding='UTF-8'?><a/>", "1:6"),
    ("<?xml version='1.0'encoding='UTF-8'?><a/>", "1:20"), ("<?xml version='1.0' encoding='1'?><a/>", "1:31"),
    ("<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "1:37"),
    ("<?xml version='1.0' encoding='UTF-8' encoding='UTF-8'?><a/>", "1:38"),
    ("<?xml version='1.0' standalone='YES'?><a/>", "1:33"), ("<?xml version='1.0' ><a/>", "1:21"),
    ("<a>\u{0}</a>", "1:4"), ("<a>\u{1B}</a>", "1:4"), ("<a>\n\u{FFFE}</a>", "2:1"),
    ("\u{FEFF}\u{FEFF}<a/>", "1:1"),
    ("<!DOCTYPE a><a/>", "1:1"), ("<a/><!DOCTYPE a>", "1:5"), ("<q:a/>", "1:2"), ("<a q:b='1'/>", "1:4"),
    ("<a:b:c xmlns:a='u'/>", "1:2"), ("<:a/>", "1:2"), ("<a:/>", "1:2"),
    ("<a><b xmlns:q='u'/><q:c/></a>", "1:21"),
    ("<a xmlns:q=''/>", "1:4"), ("<a xmlns:xml='u'/>", "1:4"), ("<a xmlns:xmlns='u'/>", "1:4"),
    ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "1:4"), ("<xmlns:a/>", "1:2"),
    ("<a xmlns:p='u' p:x='1' xmlns:q='u' q:x='2'/>", "1:36"),
  ])
  func `refuses malformed XML, with the position`(text: String, location: String) throws {
    let error = try xmlRefusal(of: text)
    #expect(error.location?.description == "t.xml:\(location)", "\(error.line)")
  }

  @Test func `reports the error and a correction`() throws {
    var words = ""
    for (text, location, value) in [
      ("<a><b></c></a>", "1:7 xml-syntax", "</b>"), ("<a>&quo;</a>", "1:4 xml-syntax", "&quot;"),
      ("<a>R&D</a>", "1:5 xml-syntax", "&amp;"),
      ("<a xmlns:qemu='u'><qmu:b/></a>", "1:20 xml-syntax", "qemu"),
      ("<!DOCTYPE a><a/>", "1:1 xml-doctype", ""), ("<a>\u{C}</a>", "1:4 xml-syntax", "U+000C"),
    ] {
      let refusal = try xmlRefusal(of: text)
      #expect(refusal.codeLine == "t.xml:\(location)")
      #expect(value.isEmpty || refusal.line.contains(value))
      words += "\(printable(text))\n  \(refusal.line)\n"
    }
    #expect(try words == golden("xml.txt", recording: words))
  }

  @Test(
    arguments: [
      [0xFF], [0xC3], [0xC3, 0x28], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xE2, 0x82],
      [0xF0, 0x80, 0x80, 0x80], [0xE0, 0x80, 0x80],
    ] as [[UInt8]])
  func `refuses what is not UTF-8`(bytes: [UInt8]) throws {
    let error = try xmlRefusal(of: Array("<a>\n".utf8) + bytes + Array("</a>".utf8))
    #expect(error.codeLine == "t.xml:2:1 xml-encoding")
  }

  @Test func `reports both positions of a mismatched tag or duplicate attribute`() throws {
    #expect(try xmlRefusal(of: "<a>\n</b>").related?.description == "t.xml:1:2")
    #expect(try xmlRefusal(of: "<a b='1'\nb='2'/>").related?.description == "t.xml:1:4")
  }

  @Test func `finds attributes and elements by their names`() throws {
    let root = try xml("<a x='1'><b n='1'/><c/><b n='2'/></a>")
    #expect(root[attribute: "x"] == "1")
    #expect(root[attribute: "y"] == nil)
    #expect(root.first("b")?[attribute: "n"] == "1")
    #expect(root.all("b").map { $0[attribute: "n"] } == ["1", "2"])
    #expect(root.first("d") == nil)
  }

  @Test func `takes 64 levels and refuses 65`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth - 1) + "<a/>" + String(repeating: "</a>", count: depth - 1)
    }
    _ = try xml(nested(64))
    let error = try xmlRefusal(of: nested(65))
    #expect(error.code == "limit")
    #expect(error.location?.column == 193)
  }

  @Test func `refuses more nodes or bytes than the limits say`() throws {
    var limits = Limits()
    limits.nodes = 3
    #expect(try xmlRefusal(of: Array("<a b=''><c/><d/></a>".utf8), limits: limits).location?.column == 14)
    limits.bytes = 6
    #expect(try xmlRefusal(of: Array("<aaaa/>".utf8), limits: limits).code == "limit")
  }

  @Test(arguments: [
    Trap("elements", "<a>" + String(repeating: "<b/>", count: 1 << 18) + "</a>"),
    Trap("open elements", String(repeating: "<a>", count: 1 << 20)),
    Trap("attributes", "<a " + (0..<100_000).map { "k\($0)='' " }.joined() + "/>"),
    Trap("namespaces", "<a " + (0..<100_000).map { "xmlns:k\($0)='u' " }.joined() + "><x:b/></a>"),
    Trap(
      "prefixed attributes",
      "<a xmlns:a='\(String(repeating: "u", count: 1 << 20))' " + (0..<50_000).map { "a:k\($0)='' " }.joined()
        + "/>"),
    Trap(
      "declarations again", "<a>" + String(repeating: "<b xmlns:q='u'><q:c/></b>", count: 50_000) + "</a>"),
    Trap("brackets", "<a>" + String(repeating: "]", count: 1 << 20) + "</a>"),
    Trap("brackets in CDATA", "<a><![CDATA[" + String(repeating: "]", count: 1 << 20) + "]]></a>"),
    Trap("hyphens", "<a><!--" + String(repeating: " -", count: 1 << 20)),
    Trap("question marks", "<a><?x " + String(repeating: "?", count: 1 << 20)),
    Trap("digits", "<a>&#" + String(repeating: "0", count: 1 << 20) + "65;</a>"),
    Trap("references", "<a b='" + String(repeating: "&lt;", count: 1 << 18) + "'/>"),
    Trap("a name", "<" + String(repeating: "é", count: 1 << 20) + "/>"),
    Trap("a prefix", "<" + String(repeating: "a", count: 1 << 20) + ":b/>"),
    Trap("line ends", "<a>" + String(repeating: "\r\n", count: 1 << 20) + "</a>"),
  ])
  func `takes linear time`(trap: Trap) throws {
    let source = Source(name: "t.xml", text: trap.text())
    try quickly { _ = try? XMLReader.document(of: source) }
  }
}
