/// The monitor of a QEMU without libvirt: its QMP socket.
public struct QEMUMonitor: Sendable, Hashable {
  /// The socket's absolute path.
  public var socket: String
  /// The user of the QEMU process, by name or number; nil if it is root or the user that runs
  /// pcipass.
  public var user: String?

  public init(socket: String, user: String? = nil) {
    self.socket = socket
    self.user = user
  }
}
