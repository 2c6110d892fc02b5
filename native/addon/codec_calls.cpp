#include "codec_calls.h"

#include "../codec/coded.h"
#include "../codec/learn.h"
#include "../engine/coders.h"
#include "../engine/quantised.h"
#include "../engine/segments.h"
#include "convert.h"
#include "job.h"

namespace kvasir::addon {
namespace {

codec::Trial toTrial(const Napi::Object& object) {
  codec::Trial trial{toString(object.Get("path"), "path"), toBool(object.Get("basis"), "basis"), {}};
  const Napi::Array steps = arrayField(object, "steps");
  for (uint32_t i = 0; i < steps.Length(); i++) {
    const Napi::Value step = steps.Get(i);
    const double value = step.IsNumber() ? step.As<Napi::Number>().DoubleValue() : 0;
    if (!(value > 0 && value < 1e9)) throw Error("argument.invalid", "Expected steps above 0.");
    trial.steps.push_back(value);
  }
  return trial;
}

// An object and where its other form goes.
struct Recoded {
  codec::NamedObject from;
  std::string to;
};

std::vector<Recoded> toRecoded(const Napi::Object& params) {
  const Napi::Array list = arrayField(params, "objects");
  std::vector<Recoded> objects;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Object item = toObject(list.Get(i), "object");
    objects.push_back({toNamedObject(item, "object"), toString(item.Get("to"), "to")});
  }
  return objects;
}

// Does `write` -> bytes for one object after the other, and tells of each.
template <class Write>
void writeEach(const JobContext& job, const std::vector<Recoded>& objects, Write write) {
  for (uint32_t i = 0; i < objects.size(); i++) {
    if (job.aborted()) throw Error("cancelled", "Cancelled.");
    const double begin = engine::now();
    const auto bytes = static_cast<double>(write(objects[i]));
    const double ms = engine::now() - begin;
    job.emit([i, bytes, ms](Napi::Env env) {
      Napi::Object event = Napi::Object::New(env);
      event.Set("index", i);
      event.Set("bytes", bytes);
      event.Set("ms", ms);
      return event;
    });
  }
}

}  // namespace

Napi::Value learn(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  codec::LearnRequest request;
  request.model = codec::Digest::parse(toString(params.Get("fingerprint"), "fingerprint"));
  request.threads = toU32(params.Get("threads"), "threads");
  const Napi::Array objects = arrayField(params, "objects"), trials = arrayField(params, "trials");
  for (uint32_t i = 0; i < objects.Length(); i++)
    request.objects.push_back(toNamedObject(objects.Get(i), "object"));
  for (uint32_t i = 0; i < trials.Length(); i++) request.trials.push_back(toTrial(toObject(trials.Get(i), "trial")));
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [request](const JobContext& job) -> MakeValue {
    const auto progress = [&job](uint64_t done, uint64_t total) {
      job.emit([done, total](Napi::Env env) { return progressEvent(env, done, total); });
    };
    const std::vector<codec::Learnt> learnt = codec::learnCodebooks(request, progress, job.aborted());
    return [learnt](Napi::Env env) {
      Napi::Array array = Napi::Array::New(env, learnt.size());
      for (uint32_t i = 0; i < learnt.size(); i++) {
        Napi::Object each = Napi::Object::New(env);
        each.Set("bytes", static_cast<double>(learnt[i].bytes));
        each.Set("bitsPerElement", learnt[i].bitsPerElement);
        array.Set(i, each);
      }
      return array;
    };
  });
}

Napi::Value recode(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const engine::CodebookFile codebook = toCodebookFile(params.Get("codebook"));
  const std::vector<Recoded> objects = toRecoded(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [codebook, objects](const JobContext& job) -> MakeValue {
    const codec::Coder coder(engine::readCodebook(codebook), true);
    writeEach(job, objects, [&](const Recoded& each) { return codec::recode(each.from, coder, codebook.digest, each.to); });
    return [](Napi::Env env) { return env.Null(); };
  });
}

Napi::Value quantise(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string type = toString(params.Get("type"), "type");
  const std::vector<Recoded> objects = toRecoded(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [type, objects](const JobContext& job) -> MakeValue {
    writeEach(job, objects, [&](const Recoded& each) {
      return engine::quantiseObject(each.from.path, each.from.key, type, each.to);
    });
    return [](Napi::Env env) { return env.Null(); };
  });
}

Napi::Value verify(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[0], "params");
  const codec::NamedObject object = toNamedObject(params, "params");
  engine::CodebookFile codebook;
  if (params.Get("codebook").IsObject()) codebook = toCodebookFile(params.Get("codebook"));
  return startJob(info.Env(), 0, {}, [object, codebook](const JobContext&) -> MakeValue {
    const bool isCoded = codebook.isGiven();
    codec::ObjectIdentity identity =
        isCoded ? codec::CodedReader::inspect(object.path) : codec::ObjectReader::inspect(object.path);
    identity.key = object.key;
    uint64_t bytes = 0;
    const double begin = engine::now();
    if (isCoded) {
      const auto coder = engine::coderOf(codebook);
      const codec::CodedReader reader(object.path, identity, *coder, codebook.digest);
      reader.verify();
      bytes = reader.bytes();
    } else {
      const codec::ObjectReader reader(object.path, identity);
      reader.verify();
      bytes = reader.bytes();
    }
    const double ms = engine::now() - begin;
    const uint32_t tokens = identity.tokens;
    return [bytes, tokens, ms](Napi::Env env) {
      Napi::Object result = Napi::Object::New(env);
      result.Set("bytes", static_cast<double>(bytes));
      result.Set("tokens", tokens);
      result.Set("ms", ms);
      return result;
    };
  });
}

}  // namespace kvasir::addon
