import Documents
import Manifests

extension Request {
  /// The request without source locations. Manifests that are read from a journal or a plan are not
  /// in a file that an operator can edit.
  public var withoutPlaces: Request {
    var result = self
    result.host.metadata.name.location = nil
    for index in result.host.spec.nics.indices {
      result.host.spec.nics[index].name.location = nil
      result.host.spec.nics[index].select.location = nil
      result.host.spec.nics[index].expect?.location = nil
      result.host.spec.nics[index].virtualFunctions?.location = nil
    }
    for index in result.host.spec.pools.indices {
      result.host.spec.pools[index].name.location = nil
      result.host.spec.pools[index].select.location = nil
      result.host.spec.pools[index].expect?.location = nil
      result.host.spec.pools[index].virtualFunctions?.location = nil
    }
    for index in result.guests.indices {
      result.guests[index].metadata.name.location = nil
      result.guests[index].spec.hosts.location = nil
      result.guests[index].spec.libvirt?.uuid?.location = nil
      for number in result.guests[index].spec.nics.indices {
        result.guests[index].spec.nics[number].name.location = nil
        result.guests[index].spec.nics[number].from.location = nil
      }
    }
    return result
  }
}
