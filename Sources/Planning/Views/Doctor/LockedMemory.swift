import HostModel

/// Limits of locked memory (RLIMIT_MEMLOCK, getrlimit(2)): VFIO locks all memory of a guest that has a
/// function.
extension ExaminedHost {
  /// The memory of the smallest guest, in bytes.
  private static let least = 64 << 20

  var lockedMemory: [Check] {
    guard case .known(let lockers) = survey.lockers else {
      return [.unknown(.lockedMemory, "the limit of locked memory of guests", survey.lockers.reason ?? "")]
    }
    let found = lockers.compactMap(limit)
    guard found.isEmpty else { return found }
    return [
      .fine(
        .lockedMemory,
        lockers.isEmpty
          ? "no QEMU or libvirt daemon with a memory limit is running"
          : "\(lockers.count) process\(lockers.count == 1 ? "" : "es") may lock the memory that guests need")
    ]
  }

  private func limit(_ locker: MemoryLocker) -> Check? {
    guard let limit = locker.limit, !locker.isExempt else { return nil }
    let who = "\(locker.command) (process \(locker.process))"
    switch locker.kind {
    // libvirt raises the limit when it hot-plugs a device.
    case .libvirtGuest: return nil
    case .daemon:
      guard !locker.canRaiseLimit else { return nil }
      return .found(
        .lockedMemory,
        "\(who) may lock \(Self.bytes(limit)) and cannot raise this limit for guests (no CAP_SYS_RESOURCE)",
        help:
          "set LimitMEMLOCK=infinity in its unit (systemctl edit libvirtd), or CAP_SYS_RESOURCE for its container"
      )
    case .guest:
      guard limit < max(locker.resident ?? 0, Self.least) else { return nil }
      return .found(
        .lockedMemory, "\(who) may lock \(Self.bytes(limit)), less than the memory of its guest",
        details: locker.resident.map { ["it uses \(Self.bytes($0)) of memory now"] } ?? [],
        help:
          "prlimit --pid \(locker.process) --memlock=unlimited:unlimited; for its next start, set LimitMEMLOCK=infinity "
          + "in its unit, or memlock in /etc/security/limits.conf")
    }
  }

  private static func bytes(_ count: Int) -> String {
    count >= 1 << 20 ? "\(count >> 20) MiB" : "\(count >> 10) KiB"
  }
}
