import Hosts

/// The failure that the body throws; nil if it throws none.
public func failure(_ body: () throws(HostFailure) -> Void) -> HostFailure? {
  do throws(HostFailure) { try body() } catch { return error }
  return nil
}
