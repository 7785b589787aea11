#include <stddef.h>
#include <stdint.h>

// libFuzzer for a program with its own main (https://llvm.org/docs/LibFuzzer.html). LLVM does not
// install a header for it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *bytes, size_t count));
