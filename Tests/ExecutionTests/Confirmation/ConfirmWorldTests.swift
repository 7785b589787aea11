import Foundation
import TestSupport
import Testing

/// PCIPASS_SEED=N starts with the world of that number; PCIPASS_SOAK=N runs N times as many worlds.
@Suite("An apply that must be confirmed, under random events")
struct ConfirmWorldTests {
  private static let firstSeed = ProcessInfo.processInfo.environment["PCIPASS_SEED"].flatMap(Int.init) ?? 1
  private static let worlds = 40 * soak
  /// A minute to confirm, a minute in which the apply must be undone, and a reserve.
  private static let seconds = 150

  @Test("is confirmed, or undone within 60 s of its deadline, or every command reports why not")
  func lives() throws {
    var figures: [String: Int] = [:]
    var count = 0
    var seed = Self.firstSeed - 1
    while count < Self.worlds {
      seed += 1
      let folder = "/dev/shm/pcipass-\(UUID().uuidString)"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var transcript: [String] = []
      do {
        guard let world = try ConfirmWorld(seed: seed, folder: folder + "/state") else { continue }
        defer { transcript = world.transcript }
        count += 1
        for _ in 0..<Self.seconds { try world.step() }
        figures.merge(world.figures, uniquingKeysWith: +)
      } catch let broken as BrokenInvariant {
        Issue.record(
          """
          seed \(seed): \(broken.invariant)
          \(broken.words)
          \(transcript.joined(separator: "\n"))
          """)
        return
      }
    }
    print("confirm world: \(count) worlds; \(figures.sorted { $0.key < $1.key })")
    #expect(figures["undone"] != nil && figures["confirmed"] != nil && figures["killed"] != nil)
  }
}
