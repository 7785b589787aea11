// Proves that Sources/CLibvirt declares libvirt as libvirt declares itself. It is compiled, never run:
//   cc -std=gnu11 -Wall -Werror -fsyntax-only -I Sources/CLibvirt/include Tests/Headers/libvirt.c
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stddef.h>

#ifndef __clang__
#define _Nonnull
#define _Nullable
#endif
#include "CLibvirt.h"

// Callbacks are declared with the types that they are used with.
_Static_assert(__builtin_types_compatible_p(clibvirt_event, virConnectDomainEventGenericCallback), "event");
_Static_assert(__builtin_types_compatible_p(clibvirt_device_event, virConnectDomainEventDeviceRemovedCallback),
               "device removed");
_Static_assert(__builtin_types_compatible_p(clibvirt_device_event, virConnectDomainEventDeviceRemovalFailedCallback),
               "device removal failed");
_Static_assert(__builtin_types_compatible_p(clibvirt_free, virFreeCallback), "free");
_Static_assert(__builtin_types_compatible_p(clibvirt_error, virErrorFunc), "error");

#define SAME_FUNCTION(result, name, parameters)                                                              \
  _Static_assert(__builtin_types_compatible_p(__typeof__(&name), result(*) parameters), #name);
CLIBVIRT_FUNCTIONS(SAME_FUNCTION)
CLIBVIRT_OPTIONAL_FUNCTIONS(SAME_FUNCTION)

#define SAME_NUMBER(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours);
SAME_NUMBER(CLIBVIRT_LIST_ACTIVE, VIR_CONNECT_LIST_DOMAINS_ACTIVE)
SAME_NUMBER(CLIBVIRT_LIST_PERSISTENT, VIR_CONNECT_LIST_DOMAINS_PERSISTENT)
SAME_NUMBER(CLIBVIRT_LIST_MANAGED_SAVE, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)
SAME_NUMBER(CLIBVIRT_LIST_SNAPSHOT, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT)
SAME_NUMBER(CLIBVIRT_XML_INACTIVE, VIR_DOMAIN_XML_INACTIVE)
SAME_NUMBER(CLIBVIRT_AFFECT_LIVE, VIR_DOMAIN_AFFECT_LIVE)
SAME_NUMBER(CLIBVIRT_AFFECT_CONFIG, VIR_DOMAIN_AFFECT_CONFIG)
SAME_NUMBER(CLIBVIRT_STATE_PAUSED, VIR_DOMAIN_PAUSED)
SAME_NUMBER(CLIBVIRT_STATE_SHUTOFF, VIR_DOMAIN_SHUTOFF)
SAME_NUMBER(CLIBVIRT_STATE_CRASHED, VIR_DOMAIN_CRASHED)
SAME_NUMBER(CLIBVIRT_STATE_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED)
SAME_NUMBER(CLIBVIRT_SHUTOFF_SAVED, VIR_DOMAIN_SHUTOFF_SAVED)
SAME_NUMBER(CLIBVIRT_CONTROL_INFO_SIZE, sizeof(virDomainControlInfo))
SAME_NUMBER(0, offsetof(virDomainControlInfo, state))
SAME_NUMBER(CLIBVIRT_CONTROL_OK, VIR_DOMAIN_CONTROL_OK)
SAME_NUMBER(CLIBVIRT_EVENT_DEVICE_REMOVED, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED)
SAME_NUMBER(CLIBVIRT_EVENT_DEVICE_REMOVAL_FAILED, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED)
SAME_NUMBER(CLIBVIRT_ERROR_INTERNAL, VIR_ERR_INTERNAL_ERROR)
SAME_NUMBER(CLIBVIRT_ERROR_NO_SUPPORT, VIR_ERR_NO_SUPPORT)
SAME_NUMBER(CLIBVIRT_ERROR_NO_NETWORK, VIR_ERR_NO_NETWORK)
SAME_NUMBER(CLIBVIRT_ERROR_INVALID_CONN, VIR_ERR_INVALID_CONN)
SAME_NUMBER(CLIBVIRT_ERROR_SYSTEM, VIR_ERR_SYSTEM_ERROR)
SAME_NUMBER(CLIBVIRT_ERROR_RPC, VIR_ERR_RPC)
SAME_NUMBER(CLIBVIRT_ERROR_NO_DOMAIN, VIR_ERR_NO_DOMAIN)
SAME_NUMBER(CLIBVIRT_ERROR_OPERATION_INVALID, VIR_ERR_OPERATION_INVALID)
SAME_NUMBER(CLIBVIRT_ERROR_UNSUPPORTED, VIR_ERR_CONFIG_UNSUPPORTED)
SAME_NUMBER(CLIBVIRT_ERROR_DEVICE_MISSING, VIR_ERR_DEVICE_MISSING)
SAME_NUMBER(CLIBVIRT_FROM_NONE, VIR_FROM_NONE)
SAME_NUMBER(CLIBVIRT_FROM_QEMU, VIR_FROM_QEMU)
SAME_NUMBER(CLIBVIRT_FROM_DOMAIN, VIR_FROM_DOMAIN)
