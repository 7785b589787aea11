import Files
import SystemPackage

extension Folder {
  /// The process ids in `/proc`, in ascending order.
  func processes() throws(Errno) -> [Int] {
    var processes: [Int] = []
    try entries { name in
      if let process = Bytes(cString: name).decimal, process > 0, process <= Int(Int32.max) {
        processes.append(process)
      }
      return true
    }
    return processes.sorted()
  }
}
