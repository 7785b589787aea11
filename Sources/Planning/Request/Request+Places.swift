import Documents
import Manifests

extension Request {
  /// The request without places in files. Manifests that are read from a journal or a plan are in no file
  /// that an operator can edit.
  public var withoutPlaces: Request {
    var result = self
    result.host.metadata.name.place = nil
    for index in result.host.spec.nics.indices {
      result.host.spec.nics[index].name.place = nil
      result.host.spec.nics[index].select.place = nil
      result.host.spec.nics[index].expect?.place = nil
      result.host.spec.nics[index].virtualFunctions?.place = nil
    }
    for index in result.guests.indices {
      result.guests[index].metadata.name.place = nil
      result.guests[index].spec.host.place = nil
      result.guests[index].spec.libvirt?.uuid?.place = nil
      for number in result.guests[index].spec.nics.indices {
        result.guests[index].spec.nics[number].name.place = nil
        result.guests[index].spec.nics[number].from.place = nil
      }
    }
    return result
  }
}
