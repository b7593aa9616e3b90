#include "dump.h"

#include <cinttypes>
#include <cstdio>

#include "base/bytes.h"

namespace t7 {

namespace {

std::string number(double v) {
  char text[32];
  for (const int digits : {6, 15, 17}) {
    std::snprintf(text, sizeof text, "%.*g", digits, v);
    double back = 0;
    std::sscanf(text, "%lf", &back);
    if (back == v) break;
  }
  return v != v ? "nan" : text;
}

std::string joined(const Graph& graph, uint32_t first, uint32_t count, const char* between) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : between) + std::to_string(graph.longs[first + i]);
  }
  return text;
}

class Dumper {
 public:
  Dumper(const Graph& graph, bool offsets) : graph_(graph), offsets_(offsets) {
    shared_.resize(graph.objects.size());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      if (graph.nodes[i].back_reference()) shared_[graph.nodes[i].id()] = true;
    }
  }

  std::string run() {
    for (const uint32_t root : graph_.roots) {
      if (!out_.empty()) out_ += "; ";
      todo_.push_back({root, nullptr});
      while (!todo_.empty()) {
        const Item item = todo_.back();
        todo_.pop_back();
        if (item.literal != nullptr) {
          out_ += item.literal;
        } else {
          value(item.node);
        }
      }
    }
    return std::move(out_);
  }

 private:
  struct Item {
    uint32_t node;
    const char* literal;
  };

  void value(uint32_t id) {
    const Node& node = graph_.nodes[id];
    if (offsets_) out_ += std::to_string(node.offset()) + "@";
    switch (node.kind()) {
      case Kind::nil: out_ += "nil"; break;
      case Kind::boolean: out_ += node.payload != 0 ? "true" : "false"; break;
      case Kind::number: out_ += number(bit_cast<double>(node.payload)); break;
      case Kind::integer: out_ += std::to_string(static_cast<int64_t>(node.payload)) + "L"; break;
      case Kind::string: string(node.id()); break;
      case Kind::bytes: bytes(node); break;
      default: object(node); break;
    }
  }

  // Names as they are, anything else in quotes; long strings only by length.
  void string(uint32_t id) {
    const String& s = graph_.strings[id];
    if (s.length > 100) {
      out_ += "<string of " + std::to_string(s.length) + ">";
      if (offsets_ && (s.bits & String::kLocated) != 0) out_ += "in " + std::to_string(s.at);
      return;
    }
    const std::string_view text = graph_.text(id);
    bool name = !text.empty();
    for (const char c : text) name = name && (c == '_' || ('a' <= c && c <= 'z'));
    out_ += name ? std::string(text)
                 : quoted(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }

  void bytes(const Node& node) {
    out_ += "bytes[" + std::to_string(graph_.longs[node.payload + 1]) + "]";
  }

  void object(const Node& node) {
    const Object& object = graph_.object_of(node);
    if (shared_[node.id()]) out_ += "#" + std::to_string(node.id()) + " ";
    if (node.back_reference()) {
      out_.pop_back();
      return;
    }
    if (node.kind() != Kind::table && node.kind() != Kind::function) class_name(object);
    switch (node.kind()) {
      case Kind::table: break;
      case Kind::tensor: return tensor(object);
      case Kind::storage: return storage(object);
      case Kind::function: return function(object);
      default: break;
    }
    const bool pairs = node.kind() == Kind::table || node.kind() == Kind::hash;
    out_ += pairs ? "{" : "(";
    later(pairs ? "}" : ")", object);
    for (uint32_t i = object.count; i > 0; --i) {
      const bool key = pairs && i % 2 == 1;
      if (i < object.count) todo_.push_back({0, key ? ": " : ", "});
      todo_.push_back({graph_.children[object.first + i - 1], nullptr});
    }
  }

  void class_name(const Object& object) {
    const Class& cls = graph_.classes[object.class_id()];
    out_ += graph_.text(cls.name);
    if (cls.version != 1) out_ += cls.version != cls.version ? " old" : " v" + number(cls.version);
  }

  static const char* suffix(const Object& object) {
    static const char* const kSuffixes[] = {"", "!", "?", "!?", "~", "!~", "?~", "!?~"};
    const int bits = (object.has(Object::kIncomplete) ? 1 : 0) +
                     (object.has(Object::kGuessed) ? 2 : 0) +
                     (object.has(Object::kInvalid) ? 4 : 0);
    return kSuffixes[bits];
  }

  void later(const char* close, const Object& object) {
    todo_.push_back({0, suffix(object)});
    todo_.push_back({0, close});
  }

  void tensor(const Object& object) {
    if (object.has(Object::kIncomplete) && object.count == 0) {
      out_ += std::string("[]") + suffix(object);
      return;
    }
    out_ += "[" + joined(graph_, object.first + 1, object.count, "x");
    if (object.count != 0) {
      out_ += " by " + joined(graph_, object.first + 1 + object.count, object.count, ",");
    }
    out_ += " from " + std::to_string(graph_.longs[object.first]) + "]<";
    later(">", object);
    if (object.node + 1 < graph_.nodes.size()) todo_.push_back({object.node + 1, nullptr});
  }

  void storage(const Object& object) {
    if (!object.has(Object::kIncomplete)) {
      out_ += "[" + std::to_string(graph_.longs[object.first + 1]) + "]";
      if (offsets_) out_ += "in " + joined(graph_, object.first, 3, ",");
    }
    out_ += suffix(object);
  }

  void function(const Object& object) {
    const uint32_t first = object.first;
    out_ += "function" + std::to_string(graph_.longs[first + 2]) + "[" +
            std::to_string(graph_.longs[first + 1]) + "](";
    if (offsets_) out_ += "in " + std::to_string(graph_.longs[first]) + " ";
    later(")", object);
    const uint32_t next = object.node + 1;
    if (next < graph_.nodes.size() && graph_.nodes[next].kind() == Kind::table) {
      todo_.push_back({next, nullptr});
    }
  }

  const Graph& graph_;
  bool offsets_;
  std::vector<bool> shared_;
  std::vector<Item> todo_;
  std::string out_;
};

}  // namespace

std::string dump(const Graph& graph, bool offsets) { return Dumper(graph, offsets).run(); }

std::string dump_issues(const std::vector<Issue>& issues) {
  std::string text;
  for (const Issue& issue : issues) {
    text += (text.empty() ? "" : " ") + std::string(error_name(issue.code)) + "@" +
            std::to_string(issue.offset);
  }
  return text;
}

}  // namespace t7
