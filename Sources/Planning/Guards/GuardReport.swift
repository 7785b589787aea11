import HostModel

/// The result of a guard for one NIC, as plans list it. Guards that were not evaluated have no
/// report.
public struct GuardReport: Sendable, Equatable {
  /// The verdicts, from the best to the worst.
  public enum Verdict: String, CaseIterable, Sendable { case passed, allowed, refused }

  /// The guard that was evaluated.
  public var which: Guard
  /// The NIC in the manifests: `NAME`, or `NAME/INDEX` of a VF.
  public var nic: String?
  public var function: PCIAddress
  /// The name of the guest, if the question is about one.
  public var guest: String?
  public var verdict: Verdict
  /// The evidence in words. It contains no numbers that change at each boot.
  public var found: [String]
  /// The reason that the manifest gives for allowing it.
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
