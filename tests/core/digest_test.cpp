// The native build and WebAssembly read the same graph out of every fixture: both compare with
// graphs.tsv, which tests/js/same-core.test.ts reads too. After a change of the graph, write it
// anew: T7_WRITE_DIGESTS=1 build/native/core_tests --gtest_filter='Digest.*'
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "reading.h"

namespace t7 {
namespace {

const char* const kFile = T7_SOURCE_DIR "/tests/core/graphs.tsv";

// FNV-1a over 32-bit words.
class Digest {
 public:
  void word(uint32_t word) { state_ = (state_ ^ word) * 16777619u; }
  void wide(uint64_t value) {
    word(static_cast<uint32_t>(value));
    word(static_cast<uint32_t>(value >> 32));
  }
  void text(std::string_view text) {
    word(static_cast<uint32_t>(text.size()));
    for (const char c : text) word(static_cast<uint8_t>(c));
  }
  uint32_t state() const { return state_; }

 private:
  uint32_t state_ = 2166136261u;
};

void add_node(Digest& digest, const Graph& graph, const Node& node) {
  digest.word(static_cast<uint32_t>(node.kind()));
  digest.word(node.back_reference());
  digest.wide(node.offset());
  if (node.kind() == Kind::number || node.kind() == Kind::integer) {
    digest.wide(node.payload);
  } else if (node.kind() != Kind::string) {
    digest.word(node.id());
  } else if (const String& string = graph.strings[node.id()]; string.bits & String::kLocated) {
    digest.wide(string.at);
    digest.word(string.length);
  } else {
    digest.text(graph.text(node.id()));
  }
}

void add_object(Digest& digest, const Graph& graph, const Object& object) {
  for (const uint32_t word : {object.node, object.index, object.parent, object.count}) {
    digest.word(word);
  }
  digest.word(object.bits & 0xff);
  const Kind kind = graph.nodes[object.node].kind();
  if (kind >= Kind::object && kind != Kind::function) {
    digest.text(graph.class_name(object.class_id()));
  }
  if (object.first == kNone) return;
  if (kind == Kind::tensor || kind == Kind::storage || kind == Kind::function) {
    const uint32_t longs = kind == Kind::tensor ? 1 + 2 * object.count : 3;
    for (uint32_t i = 0; i < longs; ++i) {
      digest.wide(static_cast<uint64_t>(graph.longs[object.first + i]));
    }
    return;
  }
  for (uint32_t i = 0; i < object.count; ++i) digest.word(graph.children[object.first + i]);
}

void add_issues(Digest& digest, const std::vector<Issue>& issues) {
  for (const Issue& issue : issues) {
    digest.text(error_name(issue.code));
    digest.wide(issue.offset);
    digest.text(issue.found);
  }
}

uint32_t digest_of(const Reading& reading) {
  Digest digest;
  const Graph& graph = *reading.graph();
  digest.word(reading.dialect().ascii);
  digest.word(reading.dialect().big_endian);
  digest.word(reading.dialect().long_size);
  for (size_t i = 0; i < graph.nodes.size(); ++i) add_node(digest, graph, graph.nodes[i]);
  for (size_t i = 0; i < graph.objects.size(); ++i) add_object(digest, graph, graph.objects[i]);
  for (const uint32_t root : graph.roots) digest.word(root);
  add_issues(digest, graph.issues);
  add_issues(digest, graph.warnings);
  if (reading.state == State::failed) add_issues(digest, {reading.error()});
  return digest.state();
}

TEST(Digest, IsThatOfTheTable) {
  std::ostringstream lines;
  for (const auto& [name, bytes] : fixtures()) {
    char line[512];
    std::snprintf(line, sizeof line, "%s\t%08x\n", name.c_str(), digest_of(read_file(bytes)));
    lines << line;
  }
  if (std::getenv("T7_WRITE_DIGESTS") != nullptr) std::ofstream(kFile) << lines.str();
  std::ifstream file(kFile);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(lines.str(), expected.str());
}

}  // namespace
}  // namespace t7
