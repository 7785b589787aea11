import Glibc

/// The results for all indices in their order. The indices are divided into at most 4 parts of
/// equal size, which are computed in parallel.
///
/// - Parameters:
///   - atLeast: the smallest number of indices for which a part gets a thread.
///   - work: computes the results of one part.
public func inParallel<Result: Sendable>(
  count: Int, atLeast: Int, _ work: @escaping @Sendable (Range<Int>) -> [Result]
) -> [Result] {
  let processors = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  let parts = max(1, min(processors, 4, count / atLeast))
  guard parts > 1 else { return work(0..<count) }
  let bounds = (0...parts).map { count * $0 / parts }
  let slots = (1..<parts).map { _ in Slot<[Result]>([]) }
  let workers = slots.enumerated().map { number, slot in
    let range = bounds[number + 1]..<bounds[number + 2]
    return Worker { slot.value = work(range) }
  }
  var results = work(bounds[0]..<bounds[1])
  results.reserveCapacity(count)
  for (worker, slot) in zip(workers, slots) {
    worker.finish()
    results += slot.value
  }
  return results
}
