#include "CLibvirt.h"

#include <dlfcn.h>
#include <stddef.h>

const char *clibvirt_load(clibvirt_functions *functions) {
  // The number in the name is the ABI version: these functions stay compatible.
  void *library = dlopen("libvirt.so.0", RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) {
    dlerror();
    return "libvirt.so.0 is not installed or cannot be loaded";
  }
#define CLIBVIRT_LOOK_UP(result, name, parameters)                                                           \
  functions->name = (result(*) parameters)dlsym(library, #name);                                             \
  if (functions->name == NULL) return "libvirt.so.0 does not have " #name "; libvirt 4.5 or later is needed";
  CLIBVIRT_FUNCTIONS(CLIBVIRT_LOOK_UP)
#undef CLIBVIRT_LOOK_UP
#define CLIBVIRT_LOOK_UP_OPTIONAL(result, name, parameters)                                                  \
  functions->name = (result(*) parameters)dlsym(library, #name);
  CLIBVIRT_OPTIONAL_FUNCTIONS(CLIBVIRT_LOOK_UP_OPTIONAL)
#undef CLIBVIRT_LOOK_UP_OPTIONAL
  return NULL;
}
