#include "learn.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "coded.h"
#include "fit.h"
#include "parallel.h"

namespace kvasir::codec {
namespace {

std::vector<std::unique_ptr<ObjectReader>> openAll(const std::vector<NamedObject>& objects) {
  std::vector<std::unique_ptr<ObjectReader>> readers;
  for (const NamedObject& object : objects) {
    ObjectIdentity identity = ObjectReader::inspect(object.path);
    identity.key = object.key;
    readers.push_back(std::make_unique<ObjectReader>(object.path, identity));
    const ObjectIdentity& first = readers.front()->identity();
    if (identity.layers != first.layers || identity.k_width != first.k_width || identity.v_width != first.v_width)
      throw Error("argument.invalid", "Expected caches of one model, but " + object.path + " has another shape.");
  }
  if (readers.empty() || readers.front()->identity().layers < 2)
    throw Error("argument.invalid", "Expected caches of a model of two layers or more to learn a codebook from.");
  return readers;
}

uint64_t writeFile(const std::string& path, const std::vector<uint8_t>& bytes) {
  File file(path, File::Mode::Create);
  file.writeAt(0, bytes.data(), bytes.size());
  file.close();
  return bytes.size();
}

}  // namespace

std::vector<Learnt> learnCodebooks(const LearnRequest& request, const LearnProgress& progress, const StopFlag& stop) {
  const auto readers = openAll(request.objects);
  const ObjectIdentity& shape = readers.front()->identity();
  const size_t planes = 2 * (size_t{shape.layers} - 1);
  const auto width = [&](size_t plane) { return plane % 2 == 0 ? shape.k_width : shape.v_width; };
  const bool isPrincipal = std::any_of(request.trials.begin(), request.trials.end(), [](const Trial& t) { return t.hasBasis; });
  for (const Trial& trial : request.trials) {
    if (trial.steps.size() != planes)
      throw Error("argument.invalid", "Expected " + std::to_string(planes) + " steps, one for K and V of each layer from 1 on, got " +
                                          std::to_string(trial.steps.size()) + ".");
  }
  uint64_t done = 0;
  const uint64_t total = planes + request.trials.size();
  std::mutex mutex;
  const auto count = [&] {
    if (stop) throw Error("cancelled", "Cancelled.");
    const std::lock_guard<std::mutex> lock(mutex);
    done++;
    if (progress) progress(done, total);
  };

  const Sample sample = [&](uint32_t layer, Kind kind, const std::function<void(const uint16_t*, size_t)>& take) {
    std::vector<uint16_t> rows;
    for (const auto& reader : readers) {
      if (stop) throw Error("cancelled", "Cancelled.");
      const uint32_t tokens = reader->identity().tokens;
      rows.resize(size_t{tokens} * width(static_cast<size_t>(kind)));
      reader->read(layer, kind, rows.data(), rows.size());
      take(rows.data(), tokens);
    }
  };
  std::vector<PlaneStatistics> statistics(planes);
  parallel(planes, request.threads, [&](size_t plane) {
    const auto layer = static_cast<uint32_t>(plane / 2 + 1);
    statistics[plane] = statisticsOf(sample, layer, static_cast<Kind>(plane % 2), width(plane), isPrincipal);
    count();
  });

  uint64_t tokens = 0;
  for (const auto& reader : readers) tokens += reader->identity().tokens;
  const double elements = static_cast<double>(tokens) * shape.layers * (shape.k_width + shape.v_width);
  std::vector<Learnt> learnt(request.trials.size());
  parallel(request.trials.size(), request.threads, [&](size_t i) {
    const Trial& trial = request.trials[i];
    std::vector<double> steps;
    for (size_t plane = 0; plane < planes; plane++) {
      // K or V that never change have no deviation, and need no particular step.
      const double deviation = std::sqrt(statistics[plane].variance());
      steps.push_back(trial.steps[plane] * (deviation > 0 ? deviation : 1.0));
    }
    const FittedCodebook fitted = fitCodebook(request.model, statistics, steps, trial.hasBasis, sample);
    learnt[i] = {writeFile(trial.path, serialise(fitted.codebook)), fitted.bits / elements};
    count();
  });
  return learnt;
}

uint64_t recode(const NamedObject& from, const Coder& coder, const Digest& codebook, const std::string& to) {
  ObjectIdentity identity = ObjectReader::inspect(from.path);
  identity.key = from.key;
  const ObjectReader reader(from.path, identity);
  CodedWriter writer(identity, coder, codebook);
  std::vector<uint16_t> rows;
  for (uint32_t layer = 1; layer < identity.layers; layer++) {
    for (const Kind kind : {Kind::K, Kind::V}) {
      rows.resize(size_t{identity.tokens} * (kind == Kind::K ? identity.k_width : identity.v_width));
      reader.read(layer, kind, rows.data(), rows.size());
      writer.write(layer, kind, rows.data());
    }
  }
  return writer.finish(to);
}

}  // namespace kvasir::codec
