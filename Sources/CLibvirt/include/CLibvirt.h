#ifndef CLIBVIRT_H
#define CLIBVIRT_H

// The parts of libvirt that pcipass uses. They are declared here so that a build does not need libvirt, and the library is
// loaded at run time, on first use. `Tests/Headers/libvirt.c` checks these declarations against the libvirt headers.

// The names are those of libvirt, so that the check can compare types.
struct _virConnect;
struct _virDomain;
struct _virNetwork;
struct _virError;
struct _virDomainControlInfo;

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

typedef void (*clibvirt_event)(struct _virConnect *, struct _virDomain *, void *_Nullable);
/// Called with the alias of a device after its hot-unplug, or when the guest refuses the hot-unplug.
typedef void (*clibvirt_device_event)(struct _virConnect *, struct _virDomain *, const char *, void *_Nullable);
typedef void (*clibvirt_error)(void *_Nullable, struct _virError *_Nullable);
typedef void (*clibvirt_free)(void *_Nullable);

// X(result, name, parameters), as in libvirt's reference: https://libvirt.org/html/index.html
#define CLIBVIRT_FUNCTIONS(X)                                                                                \
  X(int, virGetLastErrorCode, (void))                                                                       \
  X(int, virGetLastErrorDomain, (void))                                                                     \
  X(const char *_Nonnull, virGetLastErrorMessage, (void))                                                   \
  X(void, virSetErrorFunc, (void *_Nullable, clibvirt_error _Nullable))                                     \
  X(int, virEventRegisterDefaultImpl, (void))                                                               \
  X(int, virEventRunDefaultImpl, (void))                                                                    \
  X(struct _virConnect *_Nullable, virConnectOpen, (const char *_Nullable))                                 \
  X(struct _virConnect *_Nullable, virConnectOpenReadOnly, (const char *_Nullable))                         \
  X(int, virConnectGetLibVersion, (struct _virConnect *, unsigned long *))                                  \
  X(int, virConnectGetVersion, (struct _virConnect *, unsigned long *))                                     \
  X(int, virConnectClose, (struct _virConnect *))                                                           \
  X(char *_Nullable, virConnectGetURI, (struct _virConnect *))                                              \
  X(int, virConnectIsAlive, (struct _virConnect *))                                                         \
  X(int, virConnectSetKeepAlive, (struct _virConnect *, int, unsigned int))                                 \
  X(int, virConnectListAllDomains,                                                                          \
    (struct _virConnect *, struct _virDomain *_Nullable *_Nullable *_Nonnull, unsigned int))               \
  X(int, virConnectDomainEventRegisterAny,                                                                  \
    (struct _virConnect *, struct _virDomain *_Nullable, int, clibvirt_event, void *_Nullable,              \
     clibvirt_free _Nullable))                                                                              \
  X(int, virConnectDomainEventDeregisterAny, (struct _virConnect *, int))                                   \
  X(struct _virDomain *_Nullable, virDomainLookupByName, (struct _virConnect *, const char *))              \
  X(int, virDomainFree, (struct _virDomain *))                                                              \
  X(const char *_Nullable, virDomainGetName, (struct _virDomain *))                                         \
  X(int, virDomainIsActive, (struct _virDomain *))                                                          \
  X(int, virDomainCreate, (struct _virDomain *))                                                            \
  X(int, virDomainGetAutostart, (struct _virDomain *, int *))                                               \
  X(int, virDomainIsPersistent, (struct _virDomain *))                                                      \
  X(int, virDomainGetState, (struct _virDomain *, int *, int *_Nullable, unsigned int))                     \
  X(int, virDomainGetControlInfo, (struct _virDomain *, struct _virDomainControlInfo *, unsigned int))      \
  X(char *_Nullable, virDomainGetXMLDesc, (struct _virDomain *, unsigned int))                              \
  X(struct _virDomain *_Nullable, virDomainDefineXML, (struct _virConnect *, const char *))                 \
  X(int, virDomainAttachDeviceFlags, (struct _virDomain *, const char *, unsigned int))                     \
  X(int, virDomainDetachDeviceFlags, (struct _virDomain *, const char *, unsigned int))                     \
  X(int, virDomainDetachDeviceAlias, (struct _virDomain *, const char *, unsigned int))                     \
  X(int, virDomainHasManagedSaveImage, (struct _virDomain *, unsigned int))                                 \
  X(int, virDomainSnapshotNum, (struct _virDomain *, unsigned int))                                         \
  X(int, virConnectListAllNetworks,                                                                         \
    (struct _virConnect *, struct _virNetwork *_Nullable *_Nullable *_Nonnull, unsigned int))              \
  X(int, virNetworkFree, (struct _virNetwork *))                                                            \
  X(const char *_Nullable, virNetworkGetName, (struct _virNetwork *))                                       \
  X(int, virNetworkIsActive, (struct _virNetwork *))                                                        \
  X(int, virNetworkGetAutostart, (struct _virNetwork *, int *))                                             \
  X(char *_Nullable, virNetworkGetXMLDesc, (struct _virNetwork *, unsigned int))

// Functions that older versions of libvirt lack: their pointers may be NULL.
#define CLIBVIRT_OPTIONAL_FUNCTIONS(X)                                                                       \
  X(char *_Nullable, virDomainManagedSaveGetXMLDesc, (struct _virDomain *, unsigned int)) /* 3.7.0 */

#define CLIBVIRT_POINTER(result, name, parameters) result(*_Nonnull name) parameters;
#define CLIBVIRT_OPTIONAL_POINTER(result, name, parameters) result(*_Nullable name) parameters;
typedef struct {
  CLIBVIRT_FUNCTIONS(CLIBVIRT_POINTER)
  CLIBVIRT_OPTIONAL_FUNCTIONS(CLIBVIRT_OPTIONAL_POINTER)
} clibvirt_functions;
#undef CLIBVIRT_POINTER
#undef CLIBVIRT_OPTIONAL_POINTER

/// Loads the library. Returns NULL, or a static text with the reason why it cannot be used.
const char *_Nullable clibvirt_load(clibvirt_functions *functions);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

enum {
  CLIBVIRT_LIST_ACTIVE = 1,
  CLIBVIRT_LIST_PERSISTENT = 4,
  CLIBVIRT_XML_SECURE = 1,
  CLIBVIRT_LIST_MANAGED_SAVE = 256,
  CLIBVIRT_LIST_AUTOSTART = 1024,
  CLIBVIRT_LIST_SNAPSHOT = 4096,
  CLIBVIRT_XML_INACTIVE = 2,
  CLIBVIRT_AFFECT_LIVE = 1,
  CLIBVIRT_AFFECT_CONFIG = 2,
  CLIBVIRT_STATE_PAUSED = 3,
  CLIBVIRT_STATE_SHUTOFF = 5,
  CLIBVIRT_STATE_CRASHED = 6,
  CLIBVIRT_STATE_PMSUSPENDED = 7,
  CLIBVIRT_SHUTOFF_SAVED = 5,
  CLIBVIRT_CONTROL_INFO_SIZE = 16,
  CLIBVIRT_CONTROL_OK = 0,
  CLIBVIRT_EVENT_DEVICE_REMOVED = 15,
  CLIBVIRT_EVENT_DEVICE_REMOVAL_FAILED = 22,
  CLIBVIRT_ERROR_INTERNAL = 1,
  CLIBVIRT_ERROR_NO_SUPPORT = 3,
  CLIBVIRT_ERROR_INVALID_CONN = 6,
  CLIBVIRT_ERROR_OPERATION_FAILED = 9,
  CLIBVIRT_ERROR_SYSTEM = 38,
  CLIBVIRT_ERROR_RPC = 39,
  CLIBVIRT_ERROR_NO_DOMAIN = 42,
  CLIBVIRT_ERROR_NO_NETWORK = 43,
  CLIBVIRT_ERROR_OPERATION_INVALID = 55,
  CLIBVIRT_ERROR_UNSUPPORTED = 67,
  CLIBVIRT_ERROR_DEVICE_MISSING = 99,
  CLIBVIRT_FROM_NONE = 0,
  CLIBVIRT_FROM_QEMU = 10,
  CLIBVIRT_FROM_DOMAIN = 20,
};

#endif
