import Glibc
import SystemPackage

extension Folder {
  /// Calls `visit` with the name of each entry except `.` and `..`, until `visit` returns false.
  @inlinable
  public borrowing func entries(_ visit: (UnsafePointer<CChar>) -> Bool) throws(Errno) {
    try entries(of: ".") { _, name in visit(name) }
  }

  /// Visits the entries of a folder in this one. `visit` also gets the descriptor of that folder,
  /// which stays open until the last call.
  @inlinable
  public borrowing func entries(
    of folder: UnsafePointer<CChar>, _ visit: (CInt, UnsafePointer<CChar>) -> Bool
  ) throws(Errno) {
    try Self.entries(of: retrying { openat(descriptor, folder, OpenFlags.listing | O_NOFOLLOW) }, visit)
  }

  /// Visits the entries of a folder that was opened with `OpenFlags.listing`, and closes it.
  @inlinable
  static func entries(
    of folder: CInt, _ visit: (CInt, UnsafePointer<CChar>) -> Bool
  ) throws(Errno) {
    guard let listing = fdopendir(folder) else {
      let error = Errno(rawValue: errno)
      close(folder)
      throw error
    }
    defer { closedir(listing) }
    while true {
      errno = 0
      guard let entry = readdir(listing) else {
        if errno != 0 { throw Errno(rawValue: errno) }
        return
      }
      guard let offset = MemoryLayout.offset(of: \dirent.d_name) else { return }
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      let isDots = name[0] == 0x2E && (name[1] == 0 || (name[1] == 0x2E && name[2] == 0))
      if !isDots, !visit(folder, name) { return }
    }
  }

  /// All names, sorted, because the kernel returns them in no fixed order.
  public borrowing func names(upTo limit: Int = 65536) throws(Errno) -> [String] {
    try Self.names(of: retrying { openat(descriptor, ".", OpenFlags.listing | O_NOFOLLOW) }, upTo: limit)
      .sorted()
  }

  /// The names in the folder at a path, unsorted and without hidden files.
  ///
  /// - Parameter followsLink: whether the path may be a link to a folder.
  public static func shownNames(
    at path: String, followsLink: Bool, upTo limit: Int = .max
  ) throws(Errno) -> [String] {
    let flags = OpenFlags.listing | (followsLink ? 0 : O_NOFOLLOW)
    return try names(of: retrying { open(path, flags) }, upTo: limit) { $0[0] != 0x2E }
  }

  private static func names(
    of folder: CInt, upTo limit: Int, where isWanted: (UnsafePointer<CChar>) -> Bool = { _ in true }
  ) throws(Errno) -> [String] {
    var names: [String] = []
    try entries(of: folder) { _, name in
      if isWanted(name) { names.append(String(cString: name)) }
      return names.count < limit
    }
    return names
  }
}
