// The boundary to JavaScript, complete: a list of what crosses it. Names, defaults and lifetimes
// are given in wasm/js; the memory that JavaScript reads directly is laid out in docs/design.md.
#include <emscripten/bind.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "core/bytes/numbers.h"
#include "core/elements/convert.h"
#include "core/elements/copy_box.h"
#include "core/elements/gather.h"
#include "core/graph/placement.h"
#include "core/kernels/difference.h"
#include "core/kernels/distribution.h"
#include "core/kernels/grid.h"
#include "core/kernels/histogram.h"
#include "core/kernels/stats.h"
#include "core/read/detect.h"

namespace {

using emscripten::constructor;
using emscripten::function;
using t7::Detect;
using t7::Issue;

// Addresses, sizes and file offsets travel as doubles: exact up to 2^53, never negative.
template <typename T>
T* at(double address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}
template <typename T>
double address_of(const T* p) {
  return static_cast<double>(reinterpret_cast<uintptr_t>(p));
}

struct FlatIssue {
  std::string code;
  double offset = 0;
  uint32_t object = t7::kNone;
  uint32_t key = t7::kNone;
  std::string found;
  std::string expected;
};

FlatIssue flat(const Issue& issue) {
  return {t7::error_name(issue.code),
          static_cast<double>(issue.offset),
          issue.object,
          issue.key,
          issue.found,
          issue.expected};
}

// Bytes to read next for `load`; `to` is 0 if they go through the buffer.
struct FlatPiece {
  double offset = 0;
  double length = 0;
  double to = 0;
};

// One file being opened.
class File {
 public:
  File(double size, int encoding, int byte_order, int long_size)
      : size_(static_cast<uint64_t>(size)) {
    options_.encoding = static_cast<char>(encoding);
    options_.byte_order = static_cast<char>(byte_order);
    options_.long_size = static_cast<uint8_t>(long_size);
  }

  void set_schema(std::string ops, bool repeats) {
    options_.assumptions.schema = std::move(ops);
    options_.assumptions.schema_repeats_last = repeats;
  }
  void set_manual() { options_.assumptions.manual = true; }
  void add_custom_class(std::string name) {
    options_.assumptions.custom_classes.push_back(std::move(name));
  }

  int advance(uint32_t budget) { return static_cast<int>(detect().advance(budget)); }
  void stop() { detect().stop(); }
  double want_offset() { return static_cast<double>(detect().want().offset); }
  double want_length() { return static_cast<double>(detect().want().length); }
  double prepare(double n) { return address_of(detect().prepare(static_cast<size_t>(n))); }
  void commit(double n) { detect().commit(static_cast<size_t>(n)); }

  bool has_parser() { return detect().parser() != nullptr; }
  double position() { return has_parser() ? static_cast<double>(parser().position()) : 0; }
  uint32_t passes() { return detect().passes(); }
  bool ascii() { return parser().dialect().ascii; }
  bool big_endian() { return parser().dialect().big_endian; }
  int long_size() { return parser().dialect().long_size; }
  bool long_size_known() { return detect().long_size_known(); }
  bool carriage_returns() { return parser().dialect().carriage_returns; }
  std::string evidence() { return detect().evidence(); }

  FlatIssue error() { return flat(detect().error()); }
  uint32_t issue_count() { return static_cast<uint32_t>(graph().issues.size()); }
  FlatIssue issue(uint32_t i) { return flat(graph().issues[i]); }
  uint32_t warning_count() { return static_cast<uint32_t>(graph().warnings.size()); }
  FlatIssue warning(uint32_t i) { return flat(graph().warnings[i]); }

  // Addresses of the chunk directories, and how many entries there are.
  double nodes() { return address_of(graph().nodes.directory()); }
  uint32_t node_count() { return static_cast<uint32_t>(graph().nodes.size()); }
  double objects() { return address_of(graph().objects.directory()); }
  uint32_t object_count() { return static_cast<uint32_t>(graph().objects.size()); }
  double children() { return address_of(graph().children.directory()); }
  uint32_t child_count() { return static_cast<uint32_t>(graph().children.size()); }
  double longs() { return address_of(graph().longs.directory()); }
  uint32_t long_count() { return static_cast<uint32_t>(graph().longs.size()); }
  double strings() { return address_of(graph().strings.directory()); }
  uint32_t kinds() { return graph().kinds; }
  uint32_t string_count() { return static_cast<uint32_t>(graph().strings.size()); }
  double roots() { return address_of(graph().roots.data()); }
  uint32_t root_count() { return static_cast<uint32_t>(graph().roots.size()); }
  double classes() { return address_of(graph().classes.data()); }
  uint32_t class_count() { return static_cast<uint32_t>(graph().classes.size()); }
  std::string layout_names(uint32_t layout) {
    return layout < graph().layouts.size() ? graph().layouts[layout].names : std::string();
  }

  // Elements of all storages, for `load`.
  double element_bytes() { return static_cast<double>(placement().bytes()); }
  void place_elements(double base) { placement().place(at<uint8_t>(base)); }
  FlatPiece next_piece() {
    const t7::Placement::Piece piece = placement().next();
    return {static_cast<double>(piece.offset), static_cast<double>(piece.length),
            address_of(piece.to)};
  }
  void finish_piece(double buffer) { placement().finish(at<const uint8_t>(buffer)); }

  // Bodies that the caller reads.
  uint32_t custom_object() { return parser().custom_object(); }
  void read_object() { parser().read_object(); }
  void resume_at(double position, bool read_long) {
    parser().resume_at(static_cast<uint64_t>(position), read_long);
  }
  void end_custom() { parser().end_custom(); }
  void fail_custom() { parser().fail_custom(); }
  uint32_t last_delivered() { return parser().last_delivered(); }
  int state() { return static_cast<int>(has_parser() ? parser().state() : t7::State::failed); }

 private:
  Detect& detect() {
    if (!detect_) detect_ = std::make_unique<Detect>(size_, options_);
    return *detect_;
  }
  t7::Parser& parser() { return *detect().parser(); }
  t7::Graph& graph() { return parser().graph(); }
  t7::Placement& placement() {
    if (!placement_) placement_ = std::make_unique<t7::Placement>(graph(), parser().dialect());
    return *placement_;
  }

  uint64_t size_;
  t7::DetectOptions options_;
  std::unique_ptr<Detect> detect_;
  std::unique_ptr<t7::Placement> placement_;
};

// Grows the memory by `bytes` behind everything there is; 0 if that fails. In steps, since one
// request cannot exceed 2 GiB.
double extend_memory(double bytes) {
  constexpr double kStep = 1 << 30;
  const double first = address_of(static_cast<const uint8_t*>(sbrk(0)));
  for (double left = bytes; left > 0; left -= kStep) {
    const auto step = static_cast<intptr_t>(left < kStep ? left : kStep);
    if (sbrk(step) == reinterpret_cast<void*>(-1)) return 0;
  }
  return first;
}

double allocate(double bytes) {
  return address_of(static_cast<const uint8_t*>(std::malloc(static_cast<size_t>(bytes))));
}
void release(double address) { std::free(at<void>(address)); }

void start_summary(double summary) { new (at<t7::Summary>(summary)) t7::Summary(); }
void summarize(int dtype, double elements, double count, double summary) {
  t7::summarize(static_cast<t7::Dtype>(dtype), at<const void>(elements), static_cast<size_t>(count),
                *at<t7::Summary>(summary));
}
double standard_deviation(double summary) {
  return t7::standard_deviation(*at<t7::Summary>(summary));
}

double histogram_bytes() { return sizeof(t7::Histogram); }
double default_lo(double summary) { return t7::default_range(*at<t7::Summary>(summary)).lo; }
double default_hi(double summary) { return t7::default_range(*at<t7::Summary>(summary)).hi; }
void start_histogram(double histogram, double lo, double hi, uint32_t bins, double edges,
                     double counts) {
  new (at<t7::Histogram>(histogram))
      t7::Histogram(t7::start_histogram({lo, hi}, bins, at<double>(edges), at<double>(counts)));
}
void add_to_histogram(int dtype, double elements, double count, double histogram) {
  t7::add_to_histogram(static_cast<t7::Dtype>(dtype), at<const void>(elements),
                       static_cast<size_t>(count), *at<t7::Histogram>(histogram));
}
// Elements outside every bin: below, above, nan, +inf, -inf.
double outside_histogram(double histogram, int which) {
  const t7::Histogram& h = *at<t7::Histogram>(histogram);
  const double values[] = {h.below, h.above, h.nan, h.pos_inf, h.neg_inf};
  return values[which];
}

double distribution_bytes() { return sizeof(t7::Distribution); }
void start_distribution(double distribution) {
  new (at<t7::Distribution>(distribution)) t7::Distribution;
}
void add_to_distribution(int dtype, double elements, double count, double distribution) {
  at<t7::Distribution>(distribution)
      ->add(static_cast<t7::Dtype>(dtype), at<const void>(elements), static_cast<size_t>(count));
}
bool finish_distribution(double distribution) {
  return at<t7::Distribution>(distribution)->finish();
}
double denormals(double distribution) { return at<t7::Distribution>(distribution)->denormals(); }
// The value, and behind it how far it may be off.
void quantile(double distribution, double p, double out) {
  const t7::Quantile result = at<t7::Distribution>(distribution)->quantile(p);
  at<double>(out)[0] = result.value;
  at<double>(out)[1] = result.error;
}
void sparkline(double distribution, double counts, double parts) {
  at<t7::Distribution>(distribution)->sparkline(at<double>(counts), static_cast<size_t>(parts));
}

void start_difference(double difference) { new (at<t7::Difference>(difference)) t7::Difference(); }
void add_to_difference(int dtype, double a, double b, double count, double difference) {
  t7::compare_elements(static_cast<t7::Dtype>(dtype), at<const void>(a), at<const void>(b),
                       static_cast<size_t>(count), *at<t7::Difference>(difference));
}

// A grid's band of `band_rows` rows of cells, from row `band_start` on; emptied.
void start_grid(double grid, double rows, double columns, uint32_t cell_rows, uint32_t cell_columns,
                double cells, uint32_t band_start, uint32_t band_rows) {
  const t7::Grid* made = new (at<t7::Grid>(grid)) t7::Grid{static_cast<uint64_t>(rows),
                                                           static_cast<uint64_t>(columns),
                                                           cell_rows,
                                                           cell_columns,
                                                           at<t7::Cell>(cells),
                                                           band_start};
  t7::clear_grid(*made, band_rows);
}
void add_to_grid(int dtype, double elements, double first, double count, double grid) {
  t7::reduce_to_grid(static_cast<t7::Dtype>(dtype), at<const void>(elements),
                     static_cast<uint64_t>(first), static_cast<size_t>(count), *at<t7::Grid>(grid));
}

// `view` is int64: shape, strides to read from, strides to write to.
void copy_box(uint32_t element_bytes, uint32_t ndim, double view, double from, double to) {
  const auto* words = at<const int64_t>(view);
  t7::copy_box(element_bytes, ndim, words, at<const void>(from), words + ndim, at<void>(to),
               words + 2 * ndim);
}

// `view` is int64: storage offset, shape, strides.
void gather(double storage, uint32_t element_bytes, uint32_t ndim, double view, double first,
            double count, double out) {
  const auto* words = at<const int64_t>(view);
  t7::gather(at<const void>(storage), element_bytes, ndim, words + 1, words + 1 + ndim, words[0],
             static_cast<uint64_t>(first), static_cast<size_t>(count), at<void>(out));
}

void swap_elements(double elements, uint32_t element_bytes, double count) {
  t7::swap_bytes(at<void>(elements), element_bytes, static_cast<size_t>(count));
}
void widen_int32(double elements, double count) {
  t7::widen_int32(at<void>(elements), static_cast<size_t>(count));
}

struct FlatNumbers {
  double consumed = 0;
  double count = 0;
  bool malformed = false;
};
FlatNumbers parse_numbers(double text, double length, bool final, int dtype, double out,
                          double wanted) {
  const t7::NumbersParsed parsed =
      t7::parse_numbers(at<const char>(text), static_cast<size_t>(length), final,
                        static_cast<t7::Dtype>(dtype), at<void>(out), static_cast<size_t>(wanted));
  return {static_cast<double>(parsed.consumed), static_cast<double>(parsed.count),
          parsed.malformed};
}

}  // namespace

EMSCRIPTEN_BINDINGS(t7) {
  emscripten::value_object<FlatIssue>("Issue")
      .field("code", &FlatIssue::code)
      .field("offset", &FlatIssue::offset)
      .field("object", &FlatIssue::object)
      .field("key", &FlatIssue::key)
      .field("found", &FlatIssue::found)
      .field("expected", &FlatIssue::expected);
  emscripten::value_object<FlatPiece>("Piece")
      .field("offset", &FlatPiece::offset)
      .field("length", &FlatPiece::length)
      .field("to", &FlatPiece::to);
  emscripten::value_object<FlatNumbers>("Numbers")
      .field("consumed", &FlatNumbers::consumed)
      .field("count", &FlatNumbers::count)
      .field("malformed", &FlatNumbers::malformed);
  emscripten::class_<File>("File")
      .constructor<double, int, int, int>()
      .function("setSchema", &File::set_schema)
      .function("setManual", &File::set_manual)
      .function("addCustomClass", &File::add_custom_class)
      .function("advance", &File::advance)
      .function("stop", &File::stop)
      .function("wantOffset", &File::want_offset)
      .function("wantLength", &File::want_length)
      .function("prepare", &File::prepare)
      .function("commit", &File::commit)
      .function("hasParser", &File::has_parser)
      .function("position", &File::position)
      .function("passes", &File::passes)
      .function("ascii", &File::ascii)
      .function("bigEndian", &File::big_endian)
      .function("longSize", &File::long_size)
      .function("longSizeKnown", &File::long_size_known)
      .function("carriageReturns", &File::carriage_returns)
      .function("evidence", &File::evidence)
      .function("error", &File::error)
      .function("issueCount", &File::issue_count)
      .function("issue", &File::issue)
      .function("warningCount", &File::warning_count)
      .function("warning", &File::warning)
      .function("nodes", &File::nodes)
      .function("nodeCount", &File::node_count)
      .function("objects", &File::objects)
      .function("objectCount", &File::object_count)
      .function("children", &File::children)
      .function("childCount", &File::child_count)
      .function("longs", &File::longs)
      .function("longCount", &File::long_count)
      .function("strings", &File::strings)
      .function("stringCount", &File::string_count)
      .function("kinds", &File::kinds)
      .function("roots", &File::roots)
      .function("rootCount", &File::root_count)
      .function("classes", &File::classes)
      .function("classCount", &File::class_count)
      .function("layoutNames", &File::layout_names)
      .function("elementBytes", &File::element_bytes)
      .function("placeElements", &File::place_elements)
      .function("nextPiece", &File::next_piece)
      .function("finishPiece", &File::finish_piece)
      .function("customObject", &File::custom_object)
      .function("readObject", &File::read_object)
      .function("resumeAt", &File::resume_at)
      .function("endCustom", &File::end_custom)
      .function("failCustom", &File::fail_custom)
      .function("lastDelivered", &File::last_delivered)
      .function("state", &File::state);
  emscripten::function("extendMemory", &extend_memory);
  emscripten::function("allocate", &allocate);
  emscripten::function("release", &release);
  emscripten::function("startSummary", &start_summary);
  emscripten::function("summarize", &summarize);
  emscripten::function("standardDeviation", &standard_deviation);
  emscripten::function("histogramBytes", &histogram_bytes);
  emscripten::function("defaultLo", &default_lo);
  emscripten::function("defaultHi", &default_hi);
  emscripten::function("startHistogram", &start_histogram);
  emscripten::function("addToHistogram", &add_to_histogram);
  emscripten::function("outsideHistogram", &outside_histogram);
  emscripten::function("distributionBytes", &distribution_bytes);
  emscripten::function("startDistribution", &start_distribution);
  emscripten::function("addToDistribution", &add_to_distribution);
  emscripten::function("finishDistribution", &finish_distribution);
  emscripten::function("denormals", &denormals);
  emscripten::function("quantile", &quantile);
  emscripten::function("sparkline", &sparkline);
  emscripten::function("startDifference", &start_difference);
  emscripten::function("addToDifference", &add_to_difference);
  emscripten::function("startGrid", &start_grid);
  emscripten::function("addToGrid", &add_to_grid);
  emscripten::function("copyBox", &copy_box);
  emscripten::function("gather", &gather);
  emscripten::function("swapElements", &swap_elements);
  emscripten::function("widenInt32", &widen_int32);
  emscripten::function("parseNumbers", &parse_numbers);
}
