#include <stddef.h>
#include <stdint.h>

// libFuzzer, for a program that has a main of its own (https://llvm.org/docs/LibFuzzer.html); LLVM installs
// no header for it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *bytes, size_t count));
