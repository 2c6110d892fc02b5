#include "format.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "bytes.h"
#include "xxh64.h"

namespace kvasir::codec {
namespace {

constexpr std::array<uint8_t, 8> MAGIC{0x89, 'K', 'V', 'O', '\r', '\n', 0x1a, '\n'};
constexpr uint32_t VERSION = 1, CODED_VERSION = 2;
constexpr uint32_t PROFILE_F16 = 0;
constexpr uint64_t HEADER_BYTES = 128;
constexpr uint64_t HEADER_CHECKSUM_AT = 120;
constexpr uint64_t ENTRY_BYTES = 32;
constexpr uint64_t ALIGNMENT = 64;
// Read and checked in one go while it is still in the core's own cache.
constexpr size_t READ_BLOCK = 256 * 1024;

uint64_t aligned(uint64_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }
uint64_t dataOffset(uint32_t layers) { return aligned(HEADER_BYTES + 2ull * layers * ENTRY_BYTES); }
uint32_t width(const ObjectIdentity& identity, Kind kind) {
  return kind == Kind::K ? identity.k_width : identity.v_width;
}

// The first dimension outside its limits, or null.
const char* outsideLimits(const ObjectIdentity& identity) {
  if (identity.tokens < 1 || identity.tokens > MAX_TOKENS) return "tokens";
  if (identity.layers < 1 || identity.layers > MAX_LAYERS) return "layers";
  if (identity.k_width < 1 || identity.k_width > MAX_WIDTH) return "k_width";
  if (identity.v_width < 1 || identity.v_width > MAX_WIDTH) return "v_width";
  return nullptr;
}

std::string shape(const ObjectIdentity& identity) {
  return std::to_string(identity.tokens) + " tokens x " + std::to_string(identity.layers) + " layers x K " +
         std::to_string(identity.k_width) + " V " + std::to_string(identity.v_width);
}

// Where each segment lies: the shape alone decides. Checksums are left at 0.
std::vector<Segment> layout(const ObjectIdentity& identity) {
  std::vector<Segment> segments(2ull * identity.layers);
  uint64_t offset = dataOffset(identity.layers);
  for (size_t i = 0; i < segments.size(); i++) {
    segments[i].offset = offset;
    segments[i].length = 2ull * identity.tokens * width(identity, static_cast<Kind>(i % 2));
    offset += aligned(segments[i].length);
  }
  return segments;
}

uint64_t fileBytes(const std::vector<Segment>& segments) {
  return segments.back().offset + aligned(segments.back().length);
}

std::vector<uint8_t> encodeTable(const std::vector<Segment>& segments) {
  std::vector<uint8_t> table(dataOffset(static_cast<uint32_t>(segments.size() / 2)) - HEADER_BYTES);
  for (size_t i = 0; i < segments.size(); i++) {
    uint8_t* row = table.data() + i * ENTRY_BYTES;
    put(row, static_cast<uint32_t>(i / 2));
    put(row + 4, static_cast<uint32_t>(i % 2));
    put(row + 8, segments[i].offset);
    put(row + 16, segments[i].length);
    put(row + 24, segments[i].checksum);
  }
  return table;
}

std::array<uint8_t, HEADER_BYTES> encodeHeader(const ObjectIdentity& identity, const std::vector<Segment>& segments,
                                               const std::vector<uint8_t>& table) {
  std::array<uint8_t, HEADER_BYTES> header{};
  uint8_t* h = header.data();
  std::copy(MAGIC.begin(), MAGIC.end(), h);
  put(h + 8, VERSION);
  put(h + 12, PROFILE_F16);
  std::copy(identity.key.bytes.begin(), identity.key.bytes.end(), h + 16);
  put(h + 48, identity.tokens);
  put(h + 52, identity.layers);
  put(h + 56, identity.k_width);
  put(h + 60, identity.v_width);
  put(h + 64, static_cast<uint32_t>(segments.size()));
  put(h + 72, HEADER_BYTES);
  put(h + 80, HEADER_BYTES + table.size());
  put(h + 88, fileBytes(segments));
  put(h + 96, xxh64(table.data(), table.size()));
  put(h + HEADER_CHECKSUM_AT, xxh64(h, HEADER_CHECKSUM_AT));
  return header;
}

[[noreturn]] void damaged(const std::string& path, const std::string& what) {
  throw Error("object.damaged", "Expected a sound object file at " + path + ", but " + what +
                                    "; it must be set aside and built again from its text.");
}

[[noreturn]] void otherSize(const std::string& path, uint64_t expected, uint64_t actual) {
  damaged(path, "it has " + std::to_string(actual) + " bytes where its header says " + std::to_string(expected));
}

size_t indexOf(const ObjectIdentity& identity, uint32_t layer, Kind kind, size_t elements) {
  const size_t expected = size_t{identity.tokens} * width(identity, kind);
  if (layer >= identity.layers || elements != expected) {
    throw Error("argument.invalid", "Expected a layer below " + std::to_string(identity.layers) + " and " +
                                        std::to_string(expected) + " elements, got layer " + std::to_string(layer) +
                                        " and " + std::to_string(elements) + " elements.");
  }
  return 2ull * layer + static_cast<size_t>(kind);
}

}  // namespace

uint64_t objectBytes(const ObjectIdentity& identity) {
  if (const char* dimension = outsideLimits(identity)) {
    throw Error("argument.invalid", std::string("Expected an object's ") + dimension +
                                        " within its limits (at least 1, at most " + std::to_string(MAX_TOKENS) +
                                        " tokens, " + std::to_string(MAX_LAYERS) + " layers, width " +
                                        std::to_string(MAX_WIDTH) + "), got " + shape(identity) + ".");
  }
  return fileBytes(layout(identity));
}

ObjectWriter::ObjectWriter(const std::string& path, const ObjectIdentity& identity) : identity_(identity) {
  objectBytes(identity);
  segments_ = layout(identity);
  written_.resize(segments_.size());
  file_ = std::make_unique<File>(path, File::Mode::Create);
}

ObjectWriter::~ObjectWriter() {
  if (finished_) return;
  const std::string path = file_->path();
  // Closed first: Windows does not remove an open file.
  file_.reset();
  File::remove(path);
}

void ObjectWriter::write(uint32_t layer, Kind kind, const uint16_t* f16, size_t elements) {
  const size_t index = indexOf(identity_, layer, kind, elements);
  if (written_[index] || finished_) {
    throw Error("internal", "Expected each segment of " + file_->path() + " once; layer " + std::to_string(layer) +
                                (kind == Kind::K ? " K" : " V") + " came again.");
  }
  Segment& segment = segments_[index];
  static const uint8_t zeros[ALIGNMENT] = {};
  const size_t padding = aligned(segment.length) - segment.length;
  segment.checksum = Xxh64().update(f16, segment.length).update(zeros, padding).value();
  file_->writeAt(segment.offset, f16, segment.length);
  if (padding > 0) file_->writeAt(segment.offset + segment.length, zeros, padding);
  written_[index] = true;
}

uint64_t ObjectWriter::finish() {
  const auto missing = std::find(written_.begin(), written_.end(), false);
  if (missing != written_.end() || finished_) {
    throw Error("internal", "Expected all " + std::to_string(segments_.size()) + " segments of " + file_->path() +
                                " before its end, and one end; segment " +
                                std::to_string(missing - written_.begin()) + " is missing.");
  }
  const auto table = encodeTable(segments_);
  const auto header = encodeHeader(identity_, segments_, table);
  file_->writeAt(HEADER_BYTES, table.data(), table.size());
  // Last, so that a file without a sound header is never taken for whole.
  file_->writeAt(0, header.data(), header.size());
  file_->close();
  finished_ = true;
  return fileBytes(segments_);
}

ObjectReader::ObjectReader(const std::string& path) : file_(path, File::Mode::Read), bytes_(file_.size()) {
  std::array<uint8_t, HEADER_BYTES> header;
  const uint8_t* h = header.data();
  if (!file_.readAt(0, header.data(), header.size())) {
    damaged(path, "its " + std::to_string(bytes_) + " bytes are too few for a header");
  }
  if (!std::equal(MAGIC.begin(), MAGIC.end(), h)) damaged(path, "it does not begin as one");
  if (get<uint64_t>(h + HEADER_CHECKSUM_AT) != xxh64(h, HEADER_CHECKSUM_AT)) {
    damaged(path, "its header's checksum is wrong");
  }
  const auto version = get<uint32_t>(h + 8);
  const auto profile = get<uint32_t>(h + 12);
  if (version != VERSION || profile != PROFILE_F16) {
    throw Error("object.mismatch", "Expected an object of format " + std::to_string(VERSION) + ", profile " +
                                       std::to_string(PROFILE_F16) + ", but " + path + " has format " +
                                       std::to_string(version) + ", profile " + std::to_string(profile) +
                                       (version == CODED_VERSION ? "; it is read with its codebook."
                                                                 : "; a newer Kvasir reads it."));
  }
  std::copy(h + 16, h + 48, identity_.key.bytes.begin());
  identity_.tokens = get<uint32_t>(h + 48);
  identity_.layers = get<uint32_t>(h + 52);
  identity_.k_width = get<uint32_t>(h + 56);
  identity_.v_width = get<uint32_t>(h + 60);
  if (const char* dimension = outsideLimits(identity_)) damaged(path, std::string("its ") + dimension + " is absurd");

  segments_ = layout(identity_);
  const uint64_t expected = fileBytes(segments_);
  if (bytes_ != expected) otherSize(path, expected, bytes_);
  std::vector<uint8_t> table(dataOffset(identity_.layers) - HEADER_BYTES);
  if (!file_.readAt(HEADER_BYTES, table.data(), table.size())) otherSize(path, expected, file_.size());
  for (size_t i = 0; i < segments_.size(); i++) {
    segments_[i].checksum = get<uint64_t>(table.data() + i * ENTRY_BYTES + 24);
  }
  // The shape decides every byte but the checksums: what the header and table say must be what it says.
  if (table != encodeTable(segments_)) damaged(path, "its table is not the one of its shape");
  if (header != encodeHeader(identity_, segments_, table)) damaged(path, "its header contradicts its table");
  checksum_ = get<uint64_t>(h + HEADER_CHECKSUM_AT);
}

ObjectReader::ObjectReader(const std::string& path, const ObjectIdentity& expected) : ObjectReader(path) {
  const bool sameShape = identity_.tokens == expected.tokens && identity_.layers == expected.layers &&
                         identity_.k_width == expected.k_width && identity_.v_width == expected.v_width;
  if (sameShape && identity_.key == expected.key) return;
  throw Error("object.mismatch", "Expected KV of " + shape(expected) + " with key " + expected.key.hex() + ", but " +
                                     path + " holds " + shape(identity_) + " with key " + identity_.key.hex() + ".");
}

void ObjectReader::checkSegment(const Segment& segment, const char* name, uint16_t* dst) const {
  // With no place for the contents each block goes through the same scratch space.
  std::vector<uint8_t> scratch(dst == nullptr ? std::min<uint64_t>(READ_BLOCK, segment.length) : 0);
  Xxh64 checksum;
  bool whole = true;
  for (uint64_t done = 0; whole && done < segment.length;) {
    const size_t block = std::min<uint64_t>(READ_BLOCK, segment.length - done);
    uint8_t* at = dst == nullptr ? scratch.data() : reinterpret_cast<uint8_t*>(dst) + done;
    whole = file_.readAt(segment.offset + done, at, block);
    if (whole) checksum.update(at, block);
    done += block;
  }
  uint8_t padding[ALIGNMENT];
  const size_t padded = aligned(segment.length) - segment.length;
  whole = whole && file_.readAt(segment.offset + segment.length, padding, padded);
  if (!whole) otherSize(file_.path(), bytes_, file_.size());
  if (checksum.update(padding, padded).value() != segment.checksum) {
    const size_t index = static_cast<size_t>(&segment - segments_.data());
    damaged(file_.path(), "the checksum of layer " + std::to_string(index / 2) + " " + name + " is wrong");
  }
}

void ObjectReader::read(uint32_t layer, Kind kind, uint16_t* dst, size_t elements) const {
  checkSegment(segments_[indexOf(identity_, layer, kind, elements)], kind == Kind::K ? "K" : "V", dst);
}

void ObjectReader::verify() const {
  for (size_t i = 0; i < segments_.size(); i++) checkSegment(segments_[i], i % 2 == 0 ? "K" : "V", nullptr);
}

ObjectIdentity ObjectReader::inspect(const std::string& path) { return ObjectReader(path).identity_; }

}  // namespace kvasir::codec
