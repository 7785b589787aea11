import Foundation

/// PCIPASS_SOAK=N runs the random tests N times as long.
public let soak = ProcessInfo.processInfo.environment["PCIPASS_SOAK"].flatMap(Int.init) ?? 1
