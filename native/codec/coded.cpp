#include "coded.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "bytes.h"
#include "xxh64.h"

namespace kvasir::codec {
namespace {

constexpr std::array<uint8_t, 8> MAGIC{0x89, 'K', 'V', 'O', '\r', '\n', 0x1a, '\n'};
constexpr uint32_t VERSION = 2, PROFILE_CODED = 1;
constexpr size_t HEADER_BYTES = 128, HEADER_CHECKSUM_AT = 120, ROW_BYTES = 8;

size_t planesOf(uint32_t layers) { return 2 * (size_t{layers} - 1); }

uint32_t checksumOf(const std::vector<uint8_t>& bytes) { return static_cast<uint32_t>(xxh64(bytes.data(), bytes.size())); }

std::string nameOf(size_t plane) {
  return "layer " + std::to_string(plane / 2 + 1) + (plane % 2 == 0 ? " K" : " V");
}

[[noreturn]] void damaged(const std::string& path, const std::string& what) {
  throw Error("object.damaged", "Expected a sound object file at " + path + ", but " + what +
                                    "; it must be set aside and built again from its text.");
}

struct Header {
  ObjectIdentity identity;
  Digest codebook;
  uint64_t bytes, tableChecksum, checksum;
};

// Of a sound header within its limits, whatever follows it.
Header readHeader(const File& file) {
  const std::string& path = file.path();
  std::array<uint8_t, HEADER_BYTES> header;
  const uint8_t* h = header.data();
  if (!file.readAt(0, header.data(), header.size()))
    damaged(path, "its " + std::to_string(file.size()) + " bytes are too few for a header");
  if (!std::equal(MAGIC.begin(), MAGIC.end(), h)) damaged(path, "it does not begin as one");
  if (get<uint64_t>(h + HEADER_CHECKSUM_AT) != xxh64(h, HEADER_CHECKSUM_AT))
    damaged(path, "its header's checksum is wrong");
  if (get<uint32_t>(h + 8) != VERSION || get<uint32_t>(h + 12) != PROFILE_CODED)
    throw Error("object.mismatch", "Expected a coded object of format " + std::to_string(VERSION) + ", but " + path +
                                       " has format " + std::to_string(get<uint32_t>(h + 8)) + ".");
  Header found;
  std::copy(h + 16, h + 48, found.identity.key.bytes.begin());
  found.identity.tokens = get<uint32_t>(h + 48);
  found.identity.layers = get<uint32_t>(h + 52);
  found.identity.k_width = get<uint32_t>(h + 56);
  found.identity.v_width = get<uint32_t>(h + 60);
  std::copy(h + 64, h + 96, found.codebook.bytes.begin());
  found.bytes = get<uint64_t>(h + 96);
  found.tableChecksum = get<uint64_t>(h + 104);
  found.checksum = get<uint64_t>(h + HEADER_CHECKSUM_AT);
  if (found.identity.layers < 2) damaged(path, "its layers are absurd");
  try {
    objectBytes(found.identity);
  } catch (const Error&) {
    damaged(path, "its shape is absurd");
  }
  return found;
}

bool hasShape(const ObjectIdentity& identity, const Codebook& codebook) {
  return identity.layers == codebook.layers && identity.k_width == codebook.kWidth && identity.v_width == codebook.vWidth;
}

}  // namespace

CodedWriter::CodedWriter(const ObjectIdentity& identity, const Coder& coder, const Digest& codebook)
    : identity_(identity), coder_(coder), codebook_(codebook) {
  objectBytes(identity);
  if (!hasShape(identity, coder.codebook()))
    throw Error("argument.invalid", "Expected K/V of the codebook's shape, got " + std::to_string(identity.layers) +
                                        " layers of widths " + std::to_string(identity.k_width) + " and " +
                                        std::to_string(identity.v_width) + ".");
  planes_.resize(planesOf(identity.layers));
}

void CodedWriter::write(uint32_t layer, Kind kind, const uint16_t* f16) {
  std::vector<uint8_t>& plane = planes_.at(2 * (size_t{layer} - 1) + static_cast<size_t>(kind));
  plane = coder_.plane(layer, kind).encode(isas()[0], f16, identity_.tokens);
}

uint64_t CodedWriter::finish(const std::string& path) const {
  std::vector<uint8_t> file(HEADER_BYTES + planes_.size() * ROW_BYTES);
  for (size_t i = 0; i < planes_.size(); i++) {
    // A plane takes a byte at least; 4 GiB of one cannot come of the most tokens and the widest plane there may be.
    if (planes_[i].empty() || planes_[i].size() > std::numeric_limits<uint32_t>::max())
      throw Error("internal", "Expected every plane before the end of " + path + "; " + nameOf(i) + " is missing.");
    put(file.data() + HEADER_BYTES + i * ROW_BYTES, static_cast<uint32_t>(planes_[i].size()));
    put(file.data() + HEADER_BYTES + i * ROW_BYTES + 4, checksumOf(planes_[i]));
    file.insert(file.end(), planes_[i].begin(), planes_[i].end());
  }
  uint8_t* h = file.data();
  std::copy(MAGIC.begin(), MAGIC.end(), h);
  put(h + 8, VERSION);
  put(h + 12, PROFILE_CODED);
  std::copy(identity_.key.bytes.begin(), identity_.key.bytes.end(), h + 16);
  put(h + 48, identity_.tokens);
  put(h + 52, identity_.layers);
  put(h + 56, identity_.k_width);
  put(h + 60, identity_.v_width);
  std::copy(codebook_.bytes.begin(), codebook_.bytes.end(), h + 64);
  put(h + 96, static_cast<uint64_t>(file.size()));
  put(h + 104, xxh64(h + HEADER_BYTES, planes_.size() * ROW_BYTES));
  put(h + HEADER_CHECKSUM_AT, xxh64(h, HEADER_CHECKSUM_AT));
  try {
    File target(path, File::Mode::Create);
    target.writeAt(0, file.data(), file.size());
    target.close();
  } catch (...) {
    File::remove(path);
    throw;
  }
  return file.size();
}

CodedReader::CodedReader(const std::string& path, const ObjectIdentity& expected, const Coder& coder,
                         const Digest& codebook)
    : file_(path, File::Mode::Read), coder_(coder), tokens_(expected.tokens), layers_(expected.layers), bytes_(file_.size()) {
  const Header header = readHeader(file_);
  const ObjectIdentity& found = header.identity;
  const auto mismatch = [&](const std::string& wanted, const std::string& other) {
    throw Error("object.mismatch", "Expected " + wanted + ", but " + path + " has " + other + ".");
  };
  if (found.key != expected.key) mismatch("K/V with key " + expected.key.hex(), "key " + found.key.hex());
  if (header.codebook != codebook) mismatch("K/V coded by " + codebook.hex(), "codebook " + header.codebook.hex());
  if (found.tokens != expected.tokens || found.layers != expected.layers || found.k_width != expected.k_width ||
      found.v_width != expected.v_width || !hasShape(expected, coder.codebook()))
    mismatch(std::to_string(expected.tokens) + " tokens of the codebook's shape",
             std::to_string(found.tokens) + " tokens, " + std::to_string(found.layers) + " layers, K " +
                 std::to_string(found.k_width) + " V " + std::to_string(found.v_width));
  if (header.bytes != bytes_)
    damaged(path, "it has " + std::to_string(bytes_) + " bytes where its header says " + std::to_string(header.bytes));

  std::vector<uint8_t> table(planesOf(layers_) * ROW_BYTES);
  if (!file_.readAt(HEADER_BYTES, table.data(), table.size())) damaged(path, "it ends within its table");
  if (header.tableChecksum != xxh64(table.data(), table.size())) damaged(path, "its table's checksum is wrong");
  uint64_t offset = HEADER_BYTES + table.size();
  for (size_t i = 0; i < planesOf(layers_); i++) {
    planes_.push_back({offset, get<uint32_t>(&table[i * ROW_BYTES]), get<uint32_t>(&table[i * ROW_BYTES + 4])});
    offset += planes_.back().length;
  }
  if (offset != bytes_) damaged(path, "its planes do not fill it");
  checksum_ = header.checksum;
}

void CodedReader::read(uint32_t layer, Kind kind, uint16_t* dst) const {
  const size_t index = at(layer, kind);
  const Plane& plane = planes_.at(index);
  std::vector<uint8_t> bytes(plane.length);
  if (!file_.readAt(plane.offset, bytes.data(), bytes.size())) damaged(file_.path(), nameOf(index) + " is cut");
  if (checksumOf(bytes) != plane.checksum) damaged(file_.path(), "the checksum of " + nameOf(index) + " is wrong");
  if (!coder_.plane(layer, kind).decode(isas()[0], bytes.data(), bytes.size(), dst, tokens_))
    damaged(file_.path(), nameOf(index) + " is not what its codebook writes");
}

void CodedReader::verify() const {
  std::vector<uint16_t> rows(size_t{tokens_} * std::max(coder_.codebook().kWidth, coder_.codebook().vWidth));
  for (uint32_t layer = 1; layer < layers_; layer++)
    for (const Kind kind : {Kind::K, Kind::V}) read(layer, kind, rows.data());
}

ObjectIdentity CodedReader::inspect(const std::string& path) {
  return readHeader(File(path, File::Mode::Read)).identity;
}

}  // namespace kvasir::codec
