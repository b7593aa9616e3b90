// Which body follows a torch class name: one table of layouts (docs/format.md § Classes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/dtype.h"

namespace t7 {

// When a rule applies to an object of its class.
enum class Form : uint8_t {
  always,
  since_version_2,
  fields_first,  // Torch5: the body does not begin with a table
  trial,         // only if the file does not hold together otherwise
};

// A layout is written as a spec: letters say how the following names are stored, and each name
// is one value. `*` is a table whose entries become the object's fields. `name+` takes as many
// values as the count before it says, `#` is a count that is only needed to read the rest.
// A dot before a name that is one letter tells it from a kind.
//   O object   I int   l long as a number   L long as an integer   D double   B boolean
// Letters that stand alone for a whole body:
//   T tensor   t Torch5 tensor   S storage   Z complex storage   G generator
//   p  long n, then n pairs     v  long n, then n values
// Letters that count: M list whose length counts the values of the next `+`, N number object
//   that counts pairs, n int that counts values, d double that counts doubles, ? boolean that
//   says whether the next value is there, K ints that are there if the third value is a table.
// The texts are constants of the program.
struct Rule {
  const char* name;
  Form form;
  const char* spec;
};

// Rules for a class, most specific first, or an empty range: a part of the constant table.
struct Rules {
  const Rule* begin_ = nullptr;
  const Rule* end_ = nullptr;
  const Rule* begin() const { return begin_; }
  const Rule* end() const { return end_; }
};
Rules rules_for(std::string_view class_name);

// What the class name alone says of a tensor or storage class.
struct ArrayClass {
  bool tensor = false;
  bool storage = false;
  bool torch5 = false;   // torch.Tensor: doubles, with ownStorage
  bool complex = false;  // ztorch storages: pairs of dtype
  Dtype dtype = Dtype::uint8;
};
ArrayClass array_class(std::string_view class_name);

// The storage class that belongs to a tensor class.
std::string storage_class_for(std::string_view tensor_class);

// True for classes of packages whose layouts are all known: their bodies are one table unless a
// rule says otherwise, so nothing has to be guessed for them.
bool layout_is_known(std::string_view class_name);

// True for `package.*` and other classes that write nothing.
bool writes_nothing(std::string_view class_name);

}  // namespace t7
