// RE2 for verdict.py. Go's regexp package has the same syntax.

#include <re2/re2.h>

extern "C" {

/// The compiled pattern; null where RE2 refuses it.
const RE2 *compile(const char *pattern, size_t length) {
  const RE2 *expression = new RE2(re2::StringPiece(pattern, length), RE2::Quiet);
  if (expression->ok()) return expression;
  delete expression;
  return nullptr;
}

/// Whether the pattern matches anywhere in the text.
bool search(const RE2 *expression, const char *text, size_t length) {
  return RE2::PartialMatch(re2::StringPiece(text, length), *expression);
}

}
