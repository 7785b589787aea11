import Foundation
import TestSupport
import Testing

/// PCIPASS_SEED=N begins with a world that was reported; PCIPASS_SOAK=N runs N times as many.
@Suite("An apply that is to be confirmed, whatever happens meanwhile")
struct ConfirmWorldTests {
  private static let firstSeed = ProcessInfo.processInfo.environment["PCIPASS_SEED"].flatMap(Int.init) ?? 1
  private static let worlds = 40 * soak
  /// A minute to confirm it, a minute in which it must be undone, and some.
  private static let seconds = 150

  @Test("is confirmed, or undone 60 s after its time, or every command says why not")
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
