import Files

/// A JSON file of the state folder that is read and replaced whole.
public struct StateFile<Value: Sendable>: Sendable {
  /// The name of the file in the state folder.
  public let name: String
  private let form: Form<Value>
  /// Checks a decoded value together with its document.
  private let check: @Sendable (Value, Node, Source) throws(Diagnostics) -> Void

  private static var longest: Int { 16 << 20 }

  public init(
    _ name: String, _ form: Form<Value>,
    check: @escaping @Sendable (Value, Node, Source) throws(Diagnostics) -> Void = { _, _, _ in }
  ) {
    self.name = name
    self.form = form
    self.check = check
  }

  /// Reads the value; nil if the folder or the file does not exist.
  ///
  /// - Throws: if the folder or the file cannot be trusted or read, or the file is not valid.
  public func load(from folder: String) throws(Diagnostics) -> Value? {
    let text: [UInt8]
    do throws(FileError) {
      guard let state = try StateFolder.existing(folder),
        let found = try state.contents(name, upTo: Self.longest)
      else { return nil }
      text = found
    } catch {
      throw Diagnostics(code: "unreadable", error)
    }
    let source = Source(name: folder + "/" + name, text: text)
    do throws(Diagnostics) {
      let node = try JSONReader.document(of: source)
      let value = try form.value(of: node, from: source)
      try check(value, node, source)
      return value
    } catch {
      throw Diagnostics(
        error.all.map { found in
          var found = found
          found.help = found.help ?? "move the file away; pcipass then writes a new one"
          return found
        })
    }
  }

  /// Replaces the file atomically: after a power cut either the old or the new file is there, complete.
  ///
  /// - Throws: `unwritable` if the folder cannot be trusted or the file cannot be written.
  public func save(_ value: Value, to folder: String) throws(Diagnostics) {
    let text = form.encode(value).text + "\n"
    do throws(FileError) { try StateFolder(folder).replace(name, with: Array(text.utf8)) } catch {
      throw Diagnostics(code: "unwritable", error)
    }
  }

  /// Removes the file.
  ///
  /// - Throws: `unwritable` if the folder cannot be trusted or changed.
  public func remove(from folder: String) throws(Diagnostics) {
    do throws(FileError) { try StateFolder.existing(folder)?.remove(name) } catch {
      throw Diagnostics(code: "unwritable", error)
    }
  }
}
