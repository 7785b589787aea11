/// How long pcipass waits for others before it gives a step up.
public struct Timeouts: Sendable {
  /// For one write to the kernel, or one answer of libvirt or QEMU.
  public var step: Duration
  /// For a guest to release a device.
  public var unplug: Duration

  public init(step: Duration, unplug: Duration) {
    self.step = step
    self.unplug = unplug
  }
}
