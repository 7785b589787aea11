import Files
import Glibc
import HostModel
import SystemPackage

/// Names of hardware, from the pci.ids of hwdata (format: https://pci-ids.ucw.cz). The file has 37,000 lines
/// and a host needs about a dozen, so the file is searched, not parsed into a table.
enum HardwareNames {
  private static let places = [
    "usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids", "var/lib/pciutils/pci.ids",
  ]
  private static let longest = 32 << 20

  /// The vendor and device names of these ids, as lspci prints them. Empty if there is no pci.ids.
  static func read(_ wanted: Set<PCIID>, _ tree: borrowing Tree, _ scratch: Scratch) -> [PCIID: String] {
    for path in places {
      guard let file = try? tree.file(path) else { continue }
      var scan = NameScan(wanted)
      // Names that were found before a read error are still correct.
      try? read(file, &scan, scratch)
      return scan.names()
    }
    return [:]
  }

  private static func read(
    _ file: borrowing OpenFile, _ scan: inout NameScan, _ scratch: Scratch
  ) throws(Errno) {
    // The file is sorted by vendor id. If a copy is not, it is read completely.
    for maker in scan.missingVendors.sorted() {
      let start = try VendorSearch.start(of: maker, in: file, scratch)
      try file.lines(from: start, upTo: longest, scratch) { scan.visit($0, after: maker) }
    }
    guard !scan.missingVendors.isEmpty else { return }
    try file.lines(from: 0, upTo: longest, scratch) { scan.visit($0, after: nil) }
  }
}

/// Binary search for the lines of a vendor.
enum VendorSearch {
  /// Below this number of bytes, reading is faster than searching.
  private static let shortest = 8 << 10
  private static let block = 4 << 10

  /// The offset of a line from which on the vendor is listed, if the file is sorted by vendor id.
  static func start(of maker: UInt16, in file: borrowing OpenFile, _ scratch: Scratch) throws(Errno) -> Int {
    var low = 0
    var high = Int(try retrying { lseek(file.descriptor, 0, SEEK_END) })
    while high - low > shortest {
      let middle = low + (high - low) / 2
      if let found = try next(after: middle, before: high, file, scratch), found.maker <= maker {
        low = found.offset
      } else {
        high = middle
      }
    }
    return low
  }

  /// The first vendor line that begins after an offset.
  private static func next(
    after offset: Int, before end: Int, _ file: borrowing OpenFile, _ scratch: Scratch
  ) throws(Errno) -> (offset: Int, maker: UInt16)? {
    var start = offset
    while start < end {
      let count = try retrying { pread(file.descriptor, scratch.start, block, off_t(start)) }
      // At least a newline and an id with two spaces: `\n8086  `.
      guard count > 7 else { return nil }
      let bytes = scratch.bytes(0..<count)
      var at = 0
      while let found = bytes.dropping(at).index(of: UInt8(ascii: "\n")), at + found + 7 <= count {
        at += found + 1
        if let maker = NameScan.number(bytes.dropping(at)) { return (start + at, maker) }
      }
      start += count - 7
    }
    return nil
  }
}
