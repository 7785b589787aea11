import Documents
import HostModel

/// A reference to what a guest gets: `lan`, `lan/3` for VF 3 of `lan`, `lan/any` for any VF of it; with a pool,
/// `fast` for any free member, and `fast/PORT/3` for one. PORT is the address of a member or its number.
public struct NICReference: Sendable, Hashable {
  /// The name of the NIC or of the pool, or `POOL/PORT`.
  public var nic: String
  /// The index of the VF; nil for the whole function, and where it is not chosen yet.
  public var virtualFunction: Int?
  /// Whether any VF of the NIC may be assigned.
  public var isAny: Bool

  public init(nic: String, virtualFunction: Int? = nil, isAny: Bool = false) {
    self.nic = nic
    self.virtualFunction = virtualFunction
    self.isAny = isAny
  }

  /// Parses `NAME`, `NAME/N`, `NAME/any`, `NAME/ADDRESS` and `NAME/PORT/N` or `NAME/PORT/any`, with numbers
  /// from 0 to 255; nil for any other text.
  public init?(_ text: String) {
    var parts = divided(text, at: "/")
    guard (1...3).contains(parts.count), isName(parts[0], "_-", upTo: 32) else { return nil }
    nic = String(parts[0])
    (virtualFunction, isAny) = (nil, false)
    if parts.count > 1, let address = Self.address(parts[1]) {
      nic += "/\(address)"
      parts.remove(at: 1)
    } else if parts.count == 3 {
      guard Self.index(parts[1]) != nil else { return nil }
      nic += "/\(parts[1])"
      parts.remove(at: 1)
    }
    guard parts.count == 2 else { return }
    if parts[1] == Self.any {
      isAny = true
    } else {
      guard let index = Self.index(parts[1]) else { return nil }
      virtualFunction = index
    }
  }

  private static let any = "any"

  /// Signs and leading zeros are refused, so that equal references have equal texts.
  private static func index(_ text: Substring) -> Int? {
    guard let index = Int(text), (0...255).contains(index), String(index) == text else { return nil }
    return index
  }

  private static func address(_ text: Substring) -> PCIAddress? {
    text.utf8.count > 3 ? PCIAddress(text) : nil
  }
}

extension NICReference {
  /// The name of the NIC or of the pool.
  public var entry: String { String(nic.prefix { $0 != "/" }) }

  /// The port of the pool, an address or a number; nil without one.
  public var port: Substring? {
    nic.firstIndex(of: "/").map { nic[nic.index(after: $0)...] }
  }
}

extension NICReference: CustomStringConvertible {
  public var description: String {
    isAny ? "\(nic)/\(Self.any)" : virtualFunction.map { "\(nic)/\($0)" } ?? nic
  }
}

extension Form<String> {
  /// A reference to a host NIC as text, for documents that show it without using its parts.
  public static let nicReference = NICReference.form.map(\.description) { text in
    // The text was decoded by the same form before, or is the name of a NIC.
    NICReference(text) ?? NICReference(nic: text)
  }
}

extension NICReference {
  private static let number = "([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
  private static let address = "([0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7])"

  public static let form = Form<NICReference>.text(
    "a host NIC such as lan, lan/0 for its VF 0, or a pool",
    pattern:
      "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}(/(\(number)|any|\(address)|(\(number)|\(address))/(\(number)|any)))?$",
    integers: 0...Int.max, parse: { NICReference($0) }, print: \.description)
}
