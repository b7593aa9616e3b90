// Bodies of tensors and storages: shapes are read and checked, elements are only located.
#include <algorithm>

#include "base/bounds.h"
#include "base/view_span.h"
#include "read/parser.h"

namespace t7 {

// A tensor of the classes that were last found to fit, with a storage of its own, of which every
// byte is here at `p`: most tensors of files that have many. One step for what takes six otherwise.
// False without a trace for all others, and for everything that could fail.
bool Parser::quick_tensor(Frame& frame, const uint8_t* p) {
  if (!fitting_is_quick_ || !ascending_ || graph_.objects.size() == session_base_ ||
      last_index_ > INT32_MAX - 2 || graph_.nodes.size() >= kMaxNodes - 1) {
    return false;
  }
  WholeTensor whole;
  if (!peek_tensor(p, whole)) return false;
  const auto index = static_cast<uint32_t>(last_index_) + 1;
  const auto id = static_cast<uint32_t>(graph_.objects.size());
  Object tensor;
  tensor.node = graph_.add_node(Kind::tensor, step_start_, id);
  tensor.index = index;
  tensor.parent = frame.object;
  tensor.first = static_cast<uint32_t>(graph_.longs.size());
  tensor.count = whole.ndim;
  tensor.bits = fitting_tensor_ << 8;
  graph_.objects.push(tensor);
  graph_.longs.push(whole.offset);
  for (uint32_t i = 0; i < 2 * whole.ndim; ++i) graph_.longs.push(whole.words[i]);
  Object storage;
  storage.node = graph_.add_node(Kind::storage, step_start_ + whole.storage_at, id + 1);
  storage.index = index + 1;
  storage.parent = id;
  storage.first = static_cast<uint32_t>(graph_.longs.size());
  storage.bits = fitting_storage_ << 8;
  graph_.objects.push(storage);
  graph_.longs.push(static_cast<int64_t>(step_start_ + whole.data_at));
  graph_.longs.push(whole.elements);
  graph_.longs.push(static_cast<int64_t>(whole.data_bytes));
  last_index_ += 2;
  saw_long_ = true;
  scan_.consume(whole.data_at + whole.data_bytes);
  scratch_.push(tensor.node);
  --frame.remaining;
  return true;
}

// Is it such a tensor, with the next two indices, and does its view stay inside its storage?
bool Parser::peek_tensor(const uint8_t* p, WholeTensor& whole) const {
  const bool big = scan_.dialect().big_endian;
  const size_t here = scan_.available();
  const auto index = static_cast<uint32_t>(last_index_) + 1;
  const bool storage_is_latest = recent_classes_[0].class_id != fitting_tensor_;
  const RecentClass& cls = recent_classes_[storage_is_latest ? 1 : 0];
  const RecentClass& storage_cls = recent_classes_[storage_is_latest ? 0 : 1];
  if (cls.class_id != fitting_tensor_ || storage_cls.class_id != fitting_storage_) return false;
  const auto is_object = [&](const uint8_t* at, uint32_t number, const RecentClass& expected) {
    return load<uint32_t>(at, big) == 4 && load<uint32_t>(at + 4, big) == number &&
           same_bytes(at + 8, expected.header, expected.length);
  };

  const size_t shape_at = 8 + cls.length + 4;
  if (here < shape_at || !is_object(p, index, cls)) return false;
  whole.ndim = load<uint32_t>(p + shape_at - 4, big);
  if (whole.ndim > WholeTensor::kDimensions) return false;
  const uint32_t count = 2 * whole.ndim + 1;
  whole.storage_at = shape_at + 8 * count;
  whole.data_at = whole.storage_at + 8 + storage_cls.length + 8;
  if (here < whole.data_at || !is_object(p + whole.storage_at, index + 1, storage_cls)) {
    return false;
  }
  whole.elements = static_cast<int64_t>(load<uint64_t>(p + whole.data_at - 8, big));
  int64_t signs = whole.elements;
  for (uint32_t i = 0; i < count; ++i) {
    whole.words[i] = static_cast<int64_t>(load<uint64_t>(p + shape_at + 8 * i, big));
    signs |= whole.words[i];
  }
  const size_t width = dtype_bytes(graph_.classes[fitting_storage_].dtype);
  const size_t left = here - whole.data_at;
  if (signs < 0 || static_cast<uint64_t>(whole.elements) > left / width) return false;
  whole.data_bytes = static_cast<size_t>(whole.elements) * width;
  whole.offset = whole.words[count - 1] - 1;
  const int64_t size = view_size(whole.words, whole.ndim);
  if (size <= 0) return size == 0;
  const ViewSpan span = view_span(whole.words, whole.words + whole.ndim, whole.ndim, whole.offset);
  return !span.overflow && span.low >= 0 && span.high < whole.elements;
}

bool Parser::tensor(Frame& frame, bool torch5) {
  const uint64_t at = scan_.position();
  Object& object = graph_.objects[frame.object];
  const Class& cls = graph_.classes[object.class_id()];
  const bool versionless = cls.version != cls.version;
  int32_t ndim;
  if (!scan_.i32(ndim)) return short_of("the number of dimensions of a tensor");
  if (ndim < 0 || ndim > kMaxDimensions) {
    return fail(ErrorCode::bad_dimensions, at, number_text(ndim) + " dimensions", "0 to 64");
  }
  int64_t words[2 * kMaxDimensions + 1];
  const int count = 2 * ndim + 1;
  for (int i = 0; i < count; ++i) {
    const uint64_t word_at = scan_.position();
    int32_t word = 0;
    if (versionless ? !scan_.i32(word) : !long_value(words[i])) {
      return versionless ? short_of("the shape of a tensor") : false;
    }
    if (versionless) words[i] = word;
    if (i < ndim && words[i] < 0) {
      return fail(ErrorCode::bad_size, word_at, "a dimension of " + number_text(words[i]),
                  "0 or more");
    }
  }
  if (!own_storage(torch5 || versionless, ndim)) return false;
  object.first = static_cast<uint32_t>(graph_.longs.size());
  object.count = static_cast<uint32_t>(ndim);
  // From 0; the one value that would overflow becomes an offset that is out of any storage.
  graph_.longs.push(static_cast<int64_t>(static_cast<uint64_t>(words[count - 1]) - 1));
  for (int i = 0; i < count - 1; ++i) graph_.longs.push(words[i]);
  ++frame.pc;
  frame.remaining = 1;
  return true;
}

// Torch5 wrote one more int before the storage (docs/format.md § Torch5): skips it.
bool Parser::own_storage(bool torch5, int32_t ndim) {
  const uint64_t mark = scan_.mark();
  int32_t first;
  int32_t second = 0;
  if (!scan_.i32(first)) return short_of("the storage of a tensor");
  if (torch5) return true;
  const auto undecided = [&] { return scan_.status() == Scan::Status::need_bytes; };
  bool old = false;
  if (first == 1 || (first == 0 && ndim > 0)) {
    if (scan_.i32(second)) {
      old = second == 4;
    } else if (undecided()) {
      return short_of("the storage of a tensor");
    }
  }
  if (old && first == 0) {
    int32_t number;
    uint32_t class_id;
    uint32_t version_text;
    old = scan_.i32(number);
    if (!old && undecided()) return short_of("the storage of a tensor");
    const State before = state_;
    if (old && !read_class(class_id, version_text)) {
      if (state_ == State::need_bytes) return false;
      state_ = before;
      error_ = {};
      old = false;
    }
    old = old && array_class(graph_.class_name(class_id)).storage;
  }
  scan_.reset(mark);
  return !old || scan_.i32(first);
}

// Does the view stay inside its storage? If not the tensor is unusable, the file is not.
void Parser::check_tensor(uint32_t id) {
  const Object& tensor = graph_.objects[id];
  const uint64_t at = graph_.nodes[tensor.node].offset();
  int64_t words[2 * kMaxDimensions + 1];
  for (uint32_t i = 0; i < 2 * tensor.count + 1; ++i) words[i] = graph_.longs[tensor.first + i];
  const auto invalid = [&](ErrorCode code, std::string found, std::string expected) {
    graph_.objects[id].set(Object::kInvalid);
    graph_.issues.push_back({code, at, id, kNone, std::move(found), std::move(expected)});
  };
  const Node& storage = graph_.nodes[last_delivered()];
  const int64_t size = view_size(words + 1, tensor.count);
  if (storage.kind() == Kind::nil) {
    if (size != 0) {
      invalid(ErrorCode::view_out_of_range, "no storage for " + number_text(size) + " elements",
              "a storage");
    }
    return;
  }
  const bool is_storage = storage.kind() == Kind::storage;
  const uint32_t storage_class = is_storage ? graph_.object_of(storage).class_id() : kNone;
  if (tensor.class_id() != fitting_tensor_ || storage_class != fitting_storage_) {
    const std::string expected = storage_class_for(graph_.class_name(tensor.class_id()));
    const std::string found =
        is_storage ? std::string(graph_.class_name(storage_class)) : "something that is no storage";
    if (!is_storage || found != expected) return invalid(ErrorCode::wrong_storage, found, expected);
    fitting_tensor_ = tensor.class_id();
    fitting_storage_ = storage_class;
    const Class& cls = graph_.classes[fitting_tensor_];
    const Class& storage_cls = graph_.classes[storage_class];
    fitting_is_quick_ = !scan_.dialect().ascii && scan_.dialect().long_size == 8 &&
                        assumptions_.layouts.empty() && graph_.layouts[cls.layout].ops == "T" &&
                        graph_.layouts[storage_cls.layout].ops == "S" &&
                        cls.version == cls.version && storage_cls.version == storage_cls.version;
  }
  if (size == 0) return;
  const int64_t count = graph_.longs[graph_.object_of(storage).first + 1];
  const ViewSpan span = view_span(words + 1, words + 1 + tensor.count, tensor.count, words[0]);
  if (size > 0 && !span.overflow && span.low >= 0 && span.high < count) return;
  invalid(ErrorCode::view_out_of_range,
          span.overflow || size < 0
              ? "a view whose extent overflows"
              : "a view of the elements " + number_text(span.low) + " to " + number_text(span.high),
          "elements within the storage of " + number_text(count));
}

bool Parser::storage(Frame& frame, bool complex) {
  const uint64_t at = scan_.position();
  Object& object = graph_.objects[frame.object];
  const Class& cls = graph_.classes[object.class_id()];
  int64_t count;
  if (cls.version != cls.version) {
    int32_t word;
    if (!scan_.i32(word)) return short_of("the size of a storage");
    count = word;
  } else if (!long_value(count)) {
    return false;
  }
  if (count < 0) {
    return fail(ErrorCode::bad_size, at, "a storage of " + number_text(count) + " elements",
                "0 or more");
  }
  const bool text = scan_.dialect().ascii && dtype_bytes(cls.dtype) > 1;
  int64_t width = static_cast<int64_t>(dtype_bytes(cls.dtype));
  if (cls.dtype == Dtype::int64) width = scan_.dialect().long_size;
  if (complex && __builtin_mul_overflow(count, int64_t{2}, &count)) count = INT64_MAX;
  int64_t bytes;
  // In ASCII a number takes at least a digit and a blank, the last one just the digit.
  if (__builtin_mul_overflow(count, text ? int64_t{2} : width, &bytes)) bytes = INT64_MAX;
  if (text && bytes > 0) --bytes;
  const uint64_t data_at = scan_.position();
  object.first = static_cast<uint32_t>(graph_.longs.size());
  for (const int64_t word : {static_cast<int64_t>(data_at), count, bytes}) graph_.longs.push(word);
  if (static_cast<uint64_t>(bytes) > scan_.remaining()) {
    return fail(
        ErrorCode::truncated, data_at,
        number_text(static_cast<int64_t>(scan_.remaining())) + " bytes to the end of the file",
        (text ? "at least " : "") + number_text(bytes) + " bytes for " + number_text(count) +
            " elements");
  }
  ++frame.pc;
  if (text && count > 0) {
    frame.mode = Mode::text_storage;
    text_left_ = static_cast<uint64_t>(count);
    return true;
  }
  const uint8_t* ignored;
  if (scan_.dialect().carriage_returns) {
    if (scan_.bytes(static_cast<size_t>(bytes), ignored)) {
      check_line_ends(frame.object, data_at, static_cast<uint64_t>(bytes));
      return true;
    }
    --frame.pc;
    short_of("the elements of a storage");
    if (state_ == State::need_bytes) graph_.longs.truncate(object.first);
    return false;
  }
  return scan_.skip(static_cast<uint64_t>(bytes)) || short_of("the elements of a storage");
}

// Raw bytes behind which the scanner stands: where a transfer put carriage returns among them,
// nobody can tell which bytes were there before.
void Parser::check_line_ends(uint32_t object, uint64_t at, uint64_t length) {
  const uint64_t taken = scan_.position() - at;
  if (taken == length) return;
  graph_.objects[object].set(Object::kInvalid);
  graph_.issues.push_back(
      {ErrorCode::carriage_returns, at, object, kNone,
       number_text(static_cast<int64_t>(taken)) + " bytes with changed line ends",
       number_text(static_cast<int64_t>(length)) + " bytes"});
}

// Walks over the numbers that are here; remembers where every 65,536th one starts.
bool Parser::text_storage(Frame& frame) {
  const uint32_t first = graph_.objects[frame.object].first;
  const auto count = static_cast<uint64_t>(graph_.longs[first + 1]);
  while (text_left_ != 0) {
    const uint64_t done = count - text_left_;
    if (done != 0 && done % kTextIndexStep == 0 &&
        graph_.longs.size() == first + 2 + done / kTextIndexStep) {
      graph_.longs.push(static_cast<int64_t>(scan_.position()));
    }
    const uint64_t piece = std::min(text_left_, kTextIndexStep - done % kTextIndexStep);
    uint64_t left = piece;
    const bool walked = scan_.walk_numbers(left);
    text_left_ -= piece - left;
    step_start_ = scan_.mark();
    if (!walked) return short_of("the numbers of a storage");
  }
  graph_.longs[first + 2] = static_cast<int64_t>(scan_.position()) - graph_.longs[first];
  frame.mode = Mode::layout;
  return true;
}

}  // namespace t7
