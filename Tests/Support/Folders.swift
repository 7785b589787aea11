import Foundation

/// The folder of Package.swift.
public let projectFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Runs the body with a new folder, which is deleted at the end.
public func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
  // In memory, because the tests make thousands of journals durable.
  let folder = URL(filePath: "/dev/shm/pcipass-\(UUID().uuidString)")
  try FileManager.default.createDirectory(
    at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
