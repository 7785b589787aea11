import Documents

/// A place in a domain's definition, outside of its devices, that refers to a device by its alias.
public struct AliasReference: Sendable, Hashable {
  /// The part of the definition that contains the reference (https://libvirt.org/drvqemu.html, "Pass-through
  /// of arbitrary qemu commands").
  public enum Usage: String, CaseIterable, Sendable {
    /// The alias of a `<qemu:device>` in `<qemu:override>`.
    case override
    /// The alias in `-set device.ALIAS.PROPERTY=VALUE` in `<qemu:commandline>`.
    case set
    /// Any other argument in `<qemu:commandline>` that contains the alias.
    case argument
  }

  public var usage: Usage
  public var alias: String

  public init(usage: Usage, alias: String) {
    self.usage = usage
    self.alias = alias
  }

  static let form = Form<AliasReference>.record(
    "AliasReference", "A reference in a definition to a host device by its alias.",
    Field("place", \.usage, .choice("a part of a definition"), "The part of the definition."),
    Field("alias", \.alias, .alias, "The alias of the device."), make: AliasReference.init)
}
