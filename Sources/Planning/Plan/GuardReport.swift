import HostModel

/// What is asked before a NIC is changed, as a stable keyword: that of the refusals, where one is of that name.
public enum Guard: String, CaseIterable, Sendable {
  /// The hardware is what the manifest says.
  case expect
  /// No other tool has it, and no guest that somebody else gave it to.
  case foreignOwner = "foreign-owner"
  /// No guest has it from pcipass that the manifests do not describe.
  case unmanaged
  /// The host itself does not use it.
  case hostNetwork = "host-network"
  /// No process has it open.
  case inUse = "in-use"
  /// It is in an IOMMU group.
  case iommuOff = "iommu-off"
  /// Its group can go where it goes.
  case iommuGroup = "iommu-group"
  /// Its VFs can be had, and do not vanish unasked.
  case virtualFunctions = "virtual-functions"
  /// The guest that claims it is there.
  case guestMissing = "guest-missing"
  /// The running guest can take it or let it go.
  case guestPaused = "guest-paused"
  /// The running guest has a port to plug it into, or lets it go from the one it is in.
  case noPort = "no-port"
  /// The guest has no other device of that name.
  case deviceName = "device-name"
  /// A rollback: what the plan left is still so.
  case changed
}

/// What a guard that was asked about a NIC has said. One that was not asked has none.
public struct GuardReport: Sendable, Equatable {
  /// From the best to the worst.
  public enum Verdict: String, CaseIterable, Sendable { case passed, allowed, refused }

  public var which: Guard
  public var nic: String?
  public var function: PCIAddress
  /// The guest, where the guard is about one.
  public var guest: String?
  public var verdict: Verdict
  /// What it rests on. No numbers that mean nothing after the next boot.
  public var found: [String]
  /// Why the manifest lets it pass.
  public var because: String?

  public init(
    _ which: Guard, nic: String?, function: PCIAddress, guest: String? = nil, _ verdict: Verdict,
    found: [String], because: String? = nil
  ) {
    self.which = which
    self.nic = nic
    self.function = function
    self.guest = guest
    self.verdict = verdict
    self.found = found
    self.because = because
  }
}
