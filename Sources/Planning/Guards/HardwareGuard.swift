import Documents
import HostModel
import Manifests

/// Checks that the hardware is what the manifest expects: cards may have been moved, and another one may be
/// at the address.
enum HardwareGuard {
  static let questions = [
    GuardQuestion(.hardware, .transition) { change, _ in
      guard let function = change.candidate.function, let expect = change.candidate.nic?.expect,
        // `expect` describes the card, not its VFs.
        change.candidate.physicalFunction == nil
      else { return [] }
      return [result(expect, on: function)]
    }
  ]

  static func result(_ expect: Located<Expectation>, on function: PCIFunction) -> GuardResult {
    guard let wrong = expect.value.mismatch(function) else {
      return GuardResult(.hardwareID, .passed("\(expect.value.words) as expected"))
    }
    return GuardResult(
      .hardwareID,
      .violated(
        Violation(
          .expect, "\(function.address) does not match expect: \(wrong)", details: [function.summary],
          help:
            "the cards may have been moved: find the NIC with pcipass devices, then correct select or expect",
          origin: expect.location?.description)))
  }
}

extension Expectation {
  fileprivate var words: String {
    [
      id.map { "\($0)" }, vendor.map { "vendor \($0)" }, device.map { "device \($0)" },
      driver.map { "driver \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// Returns the first difference from the expectation, or `nil` if there is none.
  func mismatch(_ function: PCIFunction) -> String? {
    if let id, function.id != id { return "its id is \(function.id), not \(id)" }
    if let vendor, function.id.vendor != vendor.value {
      return "its vendor is \(PCIIDHalf(function.id.vendor)), not \(vendor)"
    }
    if let device, function.id.device != device.value {
      return "its device id is \(PCIIDHalf(function.id.device)), not \(device)"
    }
    if let driver, let actual = function.nativeDriver, actual != driver {
      return "its native driver is \(actual), not \(driver)"
    }
    if let driver, function.nativeDriver == nil {
      return "its native driver is unknown, so it may not be \(driver)"
    }
    return nil
  }
}
