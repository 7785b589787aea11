import Glibc
import SystemPackage

/// Why a file or a folder cannot be used.
public struct FileError: Error, Sendable {
  public let path: String
  public let reason: String
  /// The error of the system call that failed; nil where pcipass refused the file because of its
  /// type or owner.
  public let code: Errno?

  public init(_ path: String, reason: String, _ code: Errno? = nil) {
    self.path = path
    self.reason = reason
    self.code = code
  }

  public init(_ path: String, _ code: Errno) { self.init(path, reason: code.description, code) }

  /// Whether the kernel denies the access to this user and would allow it to root.
  public var needsRoot: Bool {
    (code == .permissionDenied || code == .notPermitted) && geteuid() != 0
  }

  /// Whether the file does not exist.
  public var isMissing: Bool { code == .noSuchFileOrDirectory }
}

extension FileError: CustomStringConvertible {
  /// `PATH: reason`
  public var description: String { "\(path): \(reason)" }
}
