import Documents
import Files
import HostModel
import Manifests

/// What confirmed runs have set up of one function. `pcipass boot` sets it up again after a reboot.
public struct BootEntry: Sendable, Equatable {
  /// A guest that has the function, or claims it.
  public struct Guest: Sendable, Hashable {
    /// The name in the manifests.
    public var name: String
    /// The UUID of the guest; nil if it was not known.
    public var uuid: String?

    public init(name: String, uuid: String?) {
      self.name = name
      self.uuid = uuid
    }
  }

  /// The run that set the function up.
  public struct Provenance: Sendable, Equatable {
    /// The number of the run; nil if an apply found the function as its manifests declare it.
    public var run: Int?
    /// The line of the manifest: `FILE:LINE:COLUMN`.
    public var origin: String?
    /// The commit of the manifests.
    public var revision: String?

    public init(run: Int?, origin: String? = nil, revision: String? = nil) {
      self.run = run
      self.origin = origin
      self.revision = revision
    }
  }

  public var address: PCIAddress
  public var identity: FunctionIdentity
  /// The PF of a VF; nil for other functions.
  public var physicalFunction: PCIAddress?
  /// The NIC in the manifests: `NAME`, or `NAME/INDEX` of a VF.
  public var nic: String
  public var guest: Guest?
  /// The binding to a passthrough driver; nil if the function has the driver that the kernel chooses.
  public var binding: Binding?
  /// The VFs of the PF; nil if no manifest declares their number.
  public var virtualFunctions: VFSet?
  /// The settings of a VF that a guest claims. The MAC address and the VLAN of an interface are not among them,
  /// because libvirt sets both.
  public var settings: VFSettings?
  /// Whether libvirt assigns the VF as an interface.
  public var isInterface: Bool
  public var provenance: Provenance
  /// When the function was last seen as it is recorded.
  public var seen: Sighting?
  /// When the function was first seen back at the host, in the boot in which it had been seen as recorded.
  public var givenBack: Sighting?

  public init(
    address: PCIAddress, identity: FunctionIdentity, physicalFunction: PCIAddress? = nil, nic: String,
    guest: Guest? = nil, binding: Binding? = nil, virtualFunctions: VFSet? = nil,
    settings: VFSettings? = nil, isInterface: Bool = false, provenance: Provenance, seen: Sighting? = nil,
    givenBack: Sighting? = nil
  ) {
    self.address = address
    self.identity = identity
    self.physicalFunction = physicalFunction
    self.nic = nic
    self.guest = guest
    self.binding = binding
    self.virtualFunctions = virtualFunctions
    self.settings = settings
    self.isInterface = isInterface
    self.provenance = provenance
    self.seen = seen
    self.givenBack = givenBack
  }

  /// Whether both entries set up the same function in the same way, for the same guest.
  public func isSame(as other: BootEntry) -> Bool {
    func contents(_ entry: BootEntry) -> BootEntry {
      var entry = entry
      (entry.provenance, entry.seen, entry.givenBack) = (Provenance(run: nil), nil, nil)
      return entry
    }
    return contents(self) == contents(other)
  }
}

/// The time of an observation, and the boot in which it was made.
public struct Sighting: Sendable, Equatable {
  public var at: Timestamp
  /// The boot id; nil if it was not known.
  public var boot: String?

  public init(at: Timestamp, boot: String?) {
    self.at = at
    self.boot = boot
  }

  public static let form = Form<Sighting>.record(
    "Sighting", "When pcipass looked at the host.",
    Field("at", \.at, .moment, "The time."),
    Field("boot", \.boot, optional: .freeText, "The id of the boot."), make: Sighting.init)
}

extension BootEntry {
  public static let form = Form<BootEntry>.record(
    "BootEntry", "What is set up again of one function after a reboot.",
    Field("function", \.address, PCIAddress.form, "The function."),
    Field("identity", \.identity, FunctionIdentity.form, "The identity of the function."),
    Field("physicalFunction", \.physicalFunction, optional: PCIAddress.form, "The PF of a VF."),
    Field("nic", \.nic, .nicReference, "The NIC in the manifests."),
    Field("guest", \.guest, optional: Guest.form, "The guest that claims it."),
    Field("binding", \.binding, optional: Binding.form, "The passthrough driver."),
    Field("virtualFunctions", \.virtualFunctions, optional: VFSet.form, "The VFs of a PF."),
    Field("settings", \.settings, optional: VFSettings.form, "The settings of a VF."),
    Field(
      "interface", \.isInterface, .boolean, default: false,
      "Whether libvirt assigns the VF as an interface, and sets its MAC address and VLAN."),
    Field("source", \.provenance, Provenance.form, "What set it up."),
    Field("seen", \.seen, optional: Sighting.form, "When it was last seen so."),
    Field(
      "givenBack", \.givenBack, optional: Sighting.form,
      "When it was seen back at the host, in a boot in which it had been seen so. It is then not set up."),
    make: {
      address, identity, physicalFunction, nic, guest, binding, virtualFunctions, settings, isInterface,
      provenance, seen, givenBack in
      BootEntry(
        address: address, identity: identity, physicalFunction: physicalFunction, nic: nic, guest: guest,
        binding: binding, virtualFunctions: virtualFunctions, settings: settings, isInterface: isInterface,
        provenance: provenance, seen: seen, givenBack: givenBack)
    })
}

extension BootEntry.Guest {
  static let form = Form<BootEntry.Guest>.record(
    "BootGuest", "A guest.",
    Field("name", \.name, .hostName, "The name in the manifests."),
    Field("uuid", \.uuid, optional: .uuid, "The UUID, if it was known."), make: BootEntry.Guest.init)
}

extension BootEntry.Provenance {
  static let form = Form<BootEntry.Provenance>.record(
    "BootProvenance", "The run that set a function up.",
    Field(
      "run", \.run, optional: .integer(1...Int.max),
      "Its number; absent if an apply had nothing to change."),
    Field("origin", \.origin, optional: .freeText, "The line of the manifest."),
    Field("revision", \.revision, optional: .freeText, "The commit of the manifests."),
    make: BootEntry.Provenance.init)
}
