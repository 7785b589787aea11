import Documents

/// What pcipass assigned to a claim that may get any member of a pool. A QEMU guest that does not run shows
/// no mark, and neither does a domain that is defined again.
public struct RememberedAssignment: Sendable, Hashable {
  /// The name of the guest in the manifests.
  public var guest: String
  /// The name of the libvirt domain; nil for QEMU without libvirt.
  public var domain: String?
  /// The path of the QMP socket; nil for a libvirt domain.
  public var socket: String?
  /// The UUID of the guest; nil if it was not known.
  public var uuid: String?
  /// The guest's name for the NIC.
  public var nic: String
  /// The name of the pool, or of the NIC whose VFs are assigned.
  public var pool: String
  public var address: PCIAddress

  public init(
    guest: String, domain: String?, socket: String?, uuid: String?, nic: String, pool: String,
    address: PCIAddress
  ) {
    self.guest = guest
    self.domain = domain
    self.socket = socket
    self.uuid = uuid
    self.nic = nic
    self.pool = pool
    self.address = address
  }

  public static let form = Form<RememberedAssignment>.record(
    "RememberedAssignment", "What pcipass assigned to a claim of a pool.",
    Field("guest", \.guest, .hostName, "The name of the guest in the manifests."),
    Field("libvirt", \.domain, optional: .freeText, "The name of the libvirt domain."),
    Field("qemu", \.socket, optional: .freeText, "The path of the QMP socket."),
    Field("uuid", \.uuid, optional: .uuid, "The UUID of the guest, if it was known."),
    Field("nic", \.nic, .nicName, "The guest's name for the NIC."),
    Field("pool", \.pool, .nicName, "The pool, or the NIC whose VFs are assigned."),
    Field("address", \.address, PCIAddress.form, "The function that was assigned."),
    rules: [.some(["libvirt", "qemu"]), .notBoth("libvirt", "qemu")], make: RememberedAssignment.init)
}
