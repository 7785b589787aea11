import Documents

extension Fleet {
  /// The manifests in files and folders, or everything that is wrong with them.
  public static func load(_ paths: [String]) throws(Diagnostics) -> Fleet { try Loader.load(paths).checked() }

  /// Reads one text and checks its documents together.
  public static func load(_ source: Source) throws(Diagnostics) -> Fleet { try Loader.load(source).checked() }
}

extension Loader {
  /// The manifests.
  ///
  /// - Throws: everything that is wrong with them.
  public func checked() throws(Diagnostics) -> Fleet {
    guard diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    return fleet
  }
}
