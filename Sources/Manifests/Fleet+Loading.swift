import Documents

extension Fleet {
  /// Reads the manifests in files and folders and checks them together.
  ///
  /// - Throws: all errors in the manifests.
  public static func load(_ paths: [String]) throws(Diagnostics) -> Fleet { try Loader.load(paths).checked() }

  /// Reads one text and checks its documents together.
  public static func load(_ source: Source) throws(Diagnostics) -> Fleet { try Loader.load(source).checked() }
}

extension Loader {
  /// Returns the manifests.
  ///
  /// - Throws: all errors in the manifests and in the files.
  public func checked() throws(Diagnostics) -> Fleet {
    guard diagnostics.isEmpty else { throw Diagnostics(diagnostics) }
    return fleet
  }
}
