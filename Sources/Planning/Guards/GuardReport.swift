import HostModel

/// What a guard that was asked about a NIC has said, as a plan lists it. One that was not asked has none.
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
