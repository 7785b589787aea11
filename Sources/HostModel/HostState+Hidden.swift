extension HostState {
  /// The reason why guests are unavailable in a run that does not look at them.
  public static let guestsNotLookedAt = "guests are not looked at (--part host)"

  /// The same host, of which neither guests nor libvirt networks are known.
  public var withoutGuests: HostState {
    var result = self
    result.libvirt = .unavailable(Self.guestsNotLookedAt)
    result.qemu = .unavailable(Self.guestsNotLookedAt)
    result.networks = nil
    return result
  }

  /// Whether this is a host as `withoutGuests` returns it.
  public var hidesGuests: Bool {
    [libvirt.reason, qemu.reason].allSatisfy { $0 == Self.guestsNotLookedAt } && networks == nil
  }
}
