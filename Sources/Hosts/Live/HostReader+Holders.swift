import Documents
import HostModel

extension HostReader {
  /// The processes that use a function now, looked up anew: who was not there at planning may be now.
  func holders(of address: PCIAddress) -> Observed<[Holder]> {
    do throws(Diagnostics) {
      guard let function = try read().state[address] else { return .unavailable("\(address) is gone") }
      return function.holders
    } catch {
      return .unavailable(error.all.first?.message ?? "the host cannot be read")
    }
  }
}
