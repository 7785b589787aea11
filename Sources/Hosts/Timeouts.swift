/// How long is waited for others before a step is given up.
public struct Timeouts: Sendable {
  /// For one write to the kernel, or one answer of libvirt or QEMU.
  public var step: Duration
  /// For a guest that was asked to let a device go.
  public var unplug: Duration

  public init(step: Duration, unplug: Duration) {
    self.step = step
    self.unplug = unplug
  }
}
