import Planning

extension LoadModule: StepReport {
  var sentence: String { "load the kernel module \(module)" }
  var effect: StepEffect { .adds }
  var details: [String] { [] }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { nil }
  func graphWords(isNew: Bool) -> GraphPart? { nil }
}
