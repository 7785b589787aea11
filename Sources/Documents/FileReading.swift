import Files
import SystemPackage

extension Source {
  /// The whole text of a file, or of standard input for `-`. At most the limit is read, whatever
  /// size the file reports. A FIFO without a writer is empty.
  public static func file(_ path: String, limits: Limits = Limits()) throws(Diagnostics) -> Source {
    do throws(FileError) {
      if path == "-" { return try standardInput(limits) }
      return Source(name: path, text: try readFile(at: path, atMost: limits.bytes + 1))
    } catch {
      throw .unreadable(error)
    }
  }

  private static func standardInput(_ limits: Limits) throws(FileError) -> Source {
    let name = "<stdin>"
    do throws(Errno) {
      return Source(name: name, text: try readStandardInput(atMost: limits.bytes + 1))
    } catch {
      throw FileError(name, error)
    }
  }
}

extension OwnedFile {
  /// Reads a file of any kind; nil where the path is a folder.
  public static func read(_ path: String, limits: Limits = Limits()) throws(Diagnostics) -> OwnedFile? {
    do throws(FileError) { return try OwnedFile(path, atMost: limits.bytes + 1) } catch {
      throw .unreadable(error)
    }
  }

  public var source: Source { Source(name: path, text: bytes) }
}
