/// The QMP socket of a QEMU that libvirt knows nothing of.
public struct QEMUMonitor: Sendable, Hashable {
  /// Its path, absolute.
  public var socket: String
  /// Whose process the QEMU is, by name or number, where that is neither root nor who runs pcipass.
  public var user: String?

  public init(socket: String, user: String? = nil) {
    self.socket = socket
    self.user = user
  }
}
