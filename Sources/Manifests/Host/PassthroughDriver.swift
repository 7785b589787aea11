import Documents
import HostModel

/// A passthrough driver as a manifest names it.
public enum PassthroughDriver: Sendable, Hashable {
  case vfioPCI
  case pciStub
  /// The variant of vfio-pci that the module aliases recommend for the function, or vfio-pci where they
  /// recommend none.
  case auto
  /// A particular variant of vfio-pci, by its driver's name.
  case variant(String)

  /// Parses `vfio-pci`, `pci-stub`, `auto` or the name of a variant; nil for any other text.
  public init?(_ text: String) {
    switch text {
    case Drivers.vfio: self = .vfioPCI
    case Drivers.stub: self = .pciStub
    case "auto": self = .auto
    default:
      guard isName(text, "_-", upTo: 64), Drivers.isVFIOVariant(text) else { return nil }
      self = .variant(text)
    }
  }
}

extension PassthroughDriver: CustomStringConvertible {
  public var description: String {
    switch self {
    case .vfioPCI: Drivers.vfio
    case .pciStub: Drivers.stub
    case .auto: "auto"
    case .variant(let name): name
    }
  }
}

extension PassthroughDriver {
  static let form = Form<PassthroughDriver>.text(
    "vfio-pci, pci-stub, auto, or a variant such as mlx5_vfio_pci",
    pattern: "^(vfio-pci|pci-stub|auto|[A-Za-z0-9][A-Za-z0-9_-]{0,54}[_-]vfio[_-]pci)$",
    parse: { PassthroughDriver($0) }, print: \.description,
    hint: { text in
      let near = nearest(to: text, among: [Drivers.vfio, Drivers.stub, "auto"])
      return (near.map { "did you mean \($0)? " } ?? "") + "the name of a variant driver ends in _vfio_pci"
    })
}
