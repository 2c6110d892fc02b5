// Codebooks learnt from object files, and object files coded anew by them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "coder.h"

namespace kvasir::codec {

using StopFlag = std::atomic<bool>;

struct Trial {
  // Where the codebook goes.
  std::string path;
  bool hasBasis = false;
  // Of layer 1 K, layer 1 V, layer 2 K, ...: in parts of the deviation of that layer's K or V.
  std::vector<double> steps;
};

struct Learnt {
  uint64_t bytes = 0;
  // Per element of all layers, layer 0 with nothing, as far as the sample's planes go.
  double bitsPerElement = 0;
};

struct LearnRequest {
  Digest model;
  // All of one model.
  std::vector<NamedObject> objects;
  std::vector<Trial> trials;
  uint32_t threads = 1;
};

// Steps of work done and in all; from any of the threads, one call at a time.
using LearnProgress = std::function<void(uint64_t done, uint64_t total)>;

// Writes a codebook per trial. 'argument.invalid' for objects of different shapes or of a model of one layer, or steps of
// another number; 'cancelled'; and what reading and writing files may fail with.
std::vector<Learnt> learnCodebooks(const LearnRequest& request, const LearnProgress& progress, const StopFlag& stop);

// Codes an f16 object by a codebook, into a new file -> its bytes. `coder` must have been made for encoding.
uint64_t recode(const NamedObject& from, const Coder& coder, const Digest& codebook, const std::string& to);

}  // namespace kvasir::codec
