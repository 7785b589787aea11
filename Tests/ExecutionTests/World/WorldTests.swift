import Foundation
import TestSupport
import Testing

/// The history of a host, determined by a seed: commands, events, faults and kills in random order.
/// PCIPASS_SEED=N starts with the world of a reported failure. PCIPASS_STEPS=N runs that many
/// steps; without it the test runs for three minutes.
@Suite("The simulated world")
struct WorldTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let firstSeed = environment["PCIPASS_SEED"].flatMap(Int.init) ?? 1
  private static let steps = environment["PCIPASS_STEPS"].flatMap(Int.init)
  private static let time = Duration.seconds(180)
  private static let stepsOfWorld = 40
  /// The number of failures after which the test ends.
  private static let failures = environment["PCIPASS_FAILURES"].flatMap(Int.init) ?? 1

  /// A world that broke an invariant.
  private struct Failure {
    let broken: BrokenInvariant
    let transcript: [String]
    let seeds: [Int]
  }

  @Test("keeps all invariants under random commands, events, faults and kills")
  func lives() throws {
    var figures: [String: Int] = [:]
    var steps = 0
    let end = ContinuousClock.now + Self.time
    var seed = Self.firstSeed
    var failures = 0
    while Self.steps.map({ steps < $0 }) ?? (.now < end) {
      let seeds = (0..<Self.stepsOfWorld).map { seed &* 1009 &+ $0 }
      if let failure = try live(seed, seeds, &figures) {
        let least = try shrunk(failure, seed)
        Issue.record(
          """
          seed \(seed): \(least.broken.invariant)
          \(least.broken.words)
          \(least.transcript.joined(separator: "\n"))
          """)
        failures += 1
        if failures == Self.failures { return }
      }
      steps += Self.stepsOfWorld
      seed += 1
    }
    print("world: \(steps) steps in \(seed - Self.firstSeed) worlds; \(figures.sorted { $0.key < $1.key })")
  }

  /// Runs one world. Nil if every invariant holds.
  private func live(_ seed: Int, _ seeds: [Int], _ figures: inout [String: Int]) throws -> Failure? {
    let folder = "/dev/shm/pcipass-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var world = World(seed: seed, folder: folder + "/state")
    for (number, step) in seeds.enumerated() {
      do { try world.step(step) } catch let broken as BrokenInvariant {
        return Failure(broken: broken, transcript: world.transcript, seeds: Array(seeds.prefix(number + 1)))
      }
    }
    figures.merge(world.figures, uniquingKeysWith: +)
    return nil
  }

  /// The same failure with as few steps as possible. Steps are left out in blocks, first half of
  /// them, then smaller blocks.
  private func shrunk(_ failure: Failure, _ seed: Int) throws -> Failure {
    var least = failure
    var ignored: [String: Int] = [:]
    var length = least.seeds.count / 2
    while length > 0 {
      var start = 0
      while start < least.seeds.count {
        var seeds = least.seeds
        seeds.removeSubrange(start..<min(start + length, seeds.count))
        if let next = try live(seed, seeds, &ignored), next.broken.invariant == least.broken.invariant {
          least = next
        } else {
          start += length
        }
      }
      length /= 2
    }
    return least
  }
}
