/// The maximum times that pcipass waits before it abandons a step.
public struct Timeouts: Sendable {
  /// The maximum time for one write to the kernel, or one answer of libvirt or QEMU.
  public var step: Duration
  /// The maximum time for a guest to release a device.
  public var unplug: Duration

  public init(step: Duration, unplug: Duration) {
    self.step = step
    self.unplug = unplug
  }
}
