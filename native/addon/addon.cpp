// The addon's functions, as src/engine-host/addon.ts declares them: parse, start a job, turn the result back.
#include <napi.h>

#include <cstring>

#include "../blend/compare.h"
#include "../blend/inspect.h"
#include "../blend/measure.h"
#include "../blend/provenance.h"
#include "../codec/error.h"
#include "../engine/parity.h"
#include "../engine/sessions.h"
#include "codec_calls.h"
#include "convert.h"
#include "job.h"

namespace kvasir::addon {
namespace {

using engine::Sessions;

// Models of the process: worker threads that load the addon see the same ones.
Sessions& sessions() {
  static Sessions instance;
  return instance;
}

Napi::Object object(Napi::Env env) { return Napi::Object::New(env); }

engine::Progress progressTo(const JobContext& job) {
  return [&job](uint64_t done, uint64_t total) {
    job.emit([done, total](Napi::Env env) { return progressEvent(env, done, total); });
  };
}

// Lets a context watch a flag for a while.
class Watch {
 public:
  Watch(engine::Context& context, const engine::AbortFlag& flag) : context_(context) { context_.watch(&flag); }
  ~Watch() { context_.watch(nullptr); }

 private:
  engine::Context& context_;
};

// Runs `work` with the session's lock and its context watching the job's flag.
template <class Work>
auto withSession(const std::string& handle, const JobContext& job, Work work) {
  const std::shared_ptr<engine::Session> session = sessions().get(handle);
  const std::lock_guard<std::mutex> lock(session->job);
  const Watch watch(session->context, job.aborted());
  try {
    return work(*session);
  } catch (...) {
    session->context.discard();
    throw;
  }
}

Napi::Value open(const Napi::CallbackInfo& info) {
  engine::openGgml(toString(info[0], "libraryDir"), info[1].IsString() ? toString(info[1], "fallbackDir") : "");
  return fromSystem(info.Env(), engine::systemFacts());
}

Napi::Value inspect(const Napi::CallbackInfo& info) {
  const std::string path = toString(info[0], "path");
  return startJob(info.Env(), 0, {}, [path](const JobContext&) -> MakeValue {
    const engine::ModelFacts facts = engine::inspect(path);
    return [facts](Napi::Env env) { return fromFacts(env, facts); };
  });
}

Napi::Value load(const Napi::CallbackInfo& info) {
  const std::string path = toString(info[0], "path");
  const engine::LoadOptions options = toLoadOptions(info[1]);
  return startJob(info.Env(), 0, {}, [path, options](const JobContext&) -> MakeValue {
    const std::string handle = sessions().load(path, options);
    const auto session = sessions().get(handle);
    return [handle, session](Napi::Env env) { return fromSession(env, handle, *session); };
  });
}

Napi::Value unload(const Napi::CallbackInfo& info) {
  sessions().unload(toString(info[0], "model"));
  return info.Env().Undefined();
}

Napi::Value memory(const Napi::CallbackInfo& info) {
  if (info[0].IsNumber()) engine::memoryTier().setBudget(toBytes(info[0], "budgetBytes"));
  return fromMemory(info.Env(), engine::memoryTier().report());
}

Napi::Value kept(const Napi::CallbackInfo& info) {
  const std::vector<engine::KeptCache> caches = engine::memoryTier().kept();
  Napi::Array list = Napi::Array::New(info.Env(), caches.size());
  for (uint32_t i = 0; i < caches.size(); i++) {
    Napi::Object item = object(info.Env());
    item.Set("key", caches[i].key.hex());
    item.Set("codebook", caches[i].codebook.hex());
    item.Set("layers", static_cast<double>(caches[i].layers));
    item.Set("bytes", static_cast<double>(caches[i].bytes));
    list.Set(i, item);
  }
  return list;
}

Napi::Value tokenize(const Napi::CallbackInfo& info) {
  const std::string handle = toString(info[0], "model");
  const std::vector<std::string> texts = toStrings(info[1], "texts");
  const bool special = toBool(info[2], "special");
  return startJob(info.Env(), 0, {}, [handle, texts, special](const JobContext&) -> MakeValue {
    const auto session = sessions().get(handle);
    std::vector<std::vector<int32_t>> lists;
    for (const std::string& text : texts) lists.push_back(session->model.vocabulary().tokenize(text, special));
    return [lists](Napi::Env env) {
      Napi::Array array = Napi::Array::New(env, lists.size());
      for (uint32_t i = 0; i < lists.size(); i++) array.Set(i, fromTokens(env, lists[i]));
      return array;
    };
  });
}

Napi::Value detokenize(const Napi::CallbackInfo& info) {
  const std::string handle = toString(info[0], "model");
  const std::vector<int32_t> tokens = toTokens(info[1], "tokens");
  return startJob(info.Env(), 0, {}, [handle, tokens](const JobContext&) -> MakeValue {
    const auto session = sessions().get(handle);
    std::string bytes;
    for (const int32_t token : tokens) bytes += session->model.vocabulary().piece(token, true);
    return [bytes](Napi::Env env) { return Napi::String::New(env, bytes); };
  });
}

// How many bytes of the text each token is.
Napi::Value pieces(const Napi::CallbackInfo& info) {
  const std::string handle = toString(info[0], "model");
  const std::vector<int32_t> tokens = toTokens(info[1], "tokens");
  return startJob(info.Env(), 0, {}, [handle, tokens](const JobContext&) -> MakeValue {
    const auto session = sessions().get(handle);
    std::vector<int32_t> sizes;
    for (const int32_t token : tokens)
      sizes.push_back(static_cast<int32_t>(session->model.vocabulary().piece(token, true).size()));
    return [sizes](Napi::Env env) { return fromTokens(env, sizes); };
  });
}

Napi::Value encode(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const engine::EncodeRequest request = toEncodeRequest(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [handle, request](const JobContext& job) -> MakeValue {
    engine::EncodeEvents events;
    events.progress = progressTo(job);
    events.chunk = [&job](size_t index, uint64_t bytes, double ms) {
      job.emit([index, bytes, ms](Napi::Env env) {
        Napi::Object event = object(env);
        event.Set("type", "chunk");
        event.Set("index", static_cast<double>(index));
        event.Set("bytes", static_cast<double>(bytes));
        event.Set("ms", ms);
        return event;
      });
    };
    const double ms = withSession(handle, job, [&](engine::Session& session) {
      return engine::encode(session.context, request, events, job.aborted());
    });
    return [ms](Napi::Env env) {
      Napi::Object result = object(env);
      result.Set("ms", ms);
      return result;
    };
  });
}

Napi::Value answer(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const blend::AnswerRequest request = toAnswerRequest(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [handle, request](const JobContext& job) -> MakeValue {
    blend::AnswerEvents events;
    events.progress = progressTo(job);
    events.firstToken = [&job](const blend::FirstToken& first) {
      job.emit([first](Napi::Env env) {
        Napi::Object event = object(env);
        event.Set("type", "first-token");
        setFirst(env, event, first);
        return event;
      });
    };
    events.text = [&job](const std::string& text) {
      job.emit([text](Napi::Env env) {
        Napi::Object event = object(env);
        event.Set("type", "text");
        event.Set("text", text);
        return event;
      });
    };
    const blend::Answer result = withSession(handle, job, [&](engine::Session& session) {
      return blend::answer(session.context, request, events, job.aborted());
    });
    return [result](Napi::Env env) { return fromAnswer(env, result); };
  });
}

Napi::Value compare(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const blend::CompareRequest request = toCompareRequest(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [handle, request](const JobContext& job) -> MakeValue {
    const auto arms = withSession(handle, job, [&](engine::Session& session) {
      return blend::compare(session.context, request, progressTo(job), job.aborted());
    });
    return [arms](Napi::Env env) {
      Napi::Array list = Napi::Array::New(env, arms.size());
      for (uint32_t i = 0; i < arms.size(); i++) list.Set(i, fromCompared(env, arms[i]));
      Napi::Object result = object(env);
      result.Set("arms", list);
      return result;
    };
  });
}

Napi::Value measure(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const std::vector<engine::Segment> segments = toSegments(arrayField(params, "segments"));
  const uint32_t subBatch = toSubBatch(params);
  return startJob(info.Env(), toJobNumber(info[0]), {}, [handle, segments, subBatch](const JobContext& job) -> MakeValue {
    const blend::Deviations result = withSession(handle, job, [&](engine::Session& session) {
      return blend::measure(session.context, segments, subBatch, job.aborted());
    });
    return [result](Napi::Env env) {
      const auto layers = [env](const std::vector<std::vector<float>>& lists) {
        Napi::Array array = Napi::Array::New(env, lists.size());
        for (uint32_t i = 0; i < lists.size(); i++) array.Set(i, fromNumbers(env, lists[i]));
        return array;
      };
      Napi::Object value = object(env);
      value.Set("k", layers(result.k));
      value.Set("v", layers(result.v));
      return value;
    };
  });
}

Napi::Value inspectCache(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  blend::InspectRequest request;
  request.front = toTokens(params.Get("front"), "front");
  const Napi::Array caches = Napi::Array::New(info.Env(), 1);
  caches.Set(uint32_t{0}, params.Get("cache"));
  request.cache = toSegments(caches).front();
  request.question = toTokens(params.Get("question"), "question");
  request.from = toU32(params.Get("from"), "from");
  request.to = toU32(params.Get("to"), "to");
  request.subBatch = toSubBatch(params);
  return startJob(info.Env(), toJobNumber(info[0]), {}, [handle, request](const JobContext& job) -> MakeValue {
    std::vector<std::string> texts;
    const blend::Inspection result = withSession(handle, job, [&](engine::Session& session) {
      for (uint32_t i = request.from; i < std::min(request.to, request.cache.size()); i++)
        texts.push_back(session.model.vocabulary().piece(request.cache.tokens[i], true));
      return blend::inspectCache(session.context, request, job.aborted());
    });
    return [result, texts](Napi::Env env) {
      const auto plane = [env](const std::vector<float>& values) {
        Napi::Float32Array array = Napi::Float32Array::New(env, values.size());
        if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(float));
        return array;
      };
      Napi::Object value = object(env);
      value.Set("layers", result.layers);
      value.Set("cells", result.cells);
      value.Set("tokensPerCell", result.tokensPerCell);
      value.Set("keyNorms", plane(result.keyNorms));
      value.Set("valueNorms", plane(result.valueNorms));
      value.Set("keyDeviations", plane(result.keyDeviations));
      value.Set("valueDeviations", plane(result.valueDeviations));
      value.Set("attention", plane(result.attention));
      value.Set("questionAttention", plane(result.questionAttention));
      Napi::Array pieces = Napi::Array::New(env, texts.size());
      for (uint32_t i = 0; i < texts.size(); i++) pieces.Set(i, Napi::String::New(env, texts[i]));
      value.Set("texts", pieces);
      return value;
    };
  });
}

Napi::Value provenance(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const blend::ProvenanceRequest request = toProvenanceRequest(params);
  return startJob(info.Env(), toJobNumber(info[0]), info[2], [handle, request](const JobContext& job) -> MakeValue {
    const auto shares = withSession(handle, job, [&](engine::Session& session) {
      return blend::provenance(session.context, request, progressTo(job), job.aborted());
    });
    return [shares](Napi::Env env) {
      Napi::Array list = Napi::Array::New(env, shares.size());
      for (uint32_t i = 0; i < shares.size(); i++) list.Set(i, fromNumbers(env, shares[i]));
      Napi::Object value = object(env);
      value.Set("shares", list);
      return value;
    };
  });
}

Napi::Value deviation(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const codec::NamedObject first = toNamedObject(params.Get("first"), "first");
  const codec::NamedObject second = toNamedObject(params.Get("second"), "second");
  return startJob(info.Env(), toJobNumber(info[0]), {}, [first, second](const JobContext& job) -> MakeValue {
    const blend::ObjectDeviations result = blend::deviation(first, second, job.aborted());
    return [result](Napi::Env env) {
      Napi::Object value = object(env);
      value.Set("k", fromNumbers(env, result.k));
      value.Set("v", fromNumbers(env, result.v));
      return value;
    };
  });
}

// A comparison of logits as a job of its model.
template <class Work>
Napi::Value compareLogits(const Napi::CallbackInfo& info, Work work) {
  const std::string handle = modelHandle(toObject(info[1], "params"));
  return startJob(info.Env(), toJobNumber(info[0]), {}, [handle, work](const JobContext& job) -> MakeValue {
    const engine::LogitsComparison result =
        withSession(handle, job, [&](engine::Session& session) { return work(session.context); });
    return [result](Napi::Env env) {
      Napi::Object value = object(env);
      value.Set("maxDifference", result.maxDifference);
      value.Set("klMean", result.klMean);
      value.Set("klMax", result.klMax);
      value.Set("top1", result.top1);
      return value;
    };
  });
}

Napi::Value parity(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::vector<int32_t> tokens = toTokens(params.Get("tokens"), "tokens");
  const uint32_t subBatch = toSubBatch(params);
  const bool asLibllama = boolField(params, "asLibllama", false);
  return compareLogits(info, [tokens, subBatch, asLibllama](engine::Context& context) {
    return engine::parity(context, tokens, subBatch, asLibllama);
  });
}

Napi::Value shift(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::vector<int32_t> tokens = toTokens(params.Get("tokens"), "tokens");
  const uint32_t offset = toU32(params.Get("offset"), "offset");
  const uint32_t subBatch = toSubBatch(params);
  return compareLogits(info, [tokens, offset, subBatch](engine::Context& context) {
    return engine::shift(context, tokens, offset, subBatch);
  });
}

Napi::Value randomModel(const Napi::CallbackInfo& info) {
  const engine::RandomModel model = toRandomModel(toObject(info[0], "params"));
  return startJob(info.Env(), 0, {}, [model](const JobContext&) -> MakeValue {
    const auto bytes = static_cast<double>(engine::writeRandomModel(model));
    return [bytes](Napi::Env env) {
      Napi::Object result = object(env);
      result.Set("bytes", bytes);
      return result;
    };
  });
}

Napi::Value bench(const Napi::CallbackInfo& info) {
  const Napi::Object params = toObject(info[1], "params");
  const std::string handle = modelHandle(params);
  const engine::BenchRequest request = toBenchRequest(params);
  return startJob(info.Env(), toJobNumber(info[0]), {}, [handle, request](const JobContext& job) -> MakeValue {
    const engine::BenchResult result = withSession(
        handle, job, [&](engine::Session& session) { return engine::bench(session.context, session.oracle, request); });
    return [result](Napi::Env env) {
      Napi::Object value = object(env);
      value.Set("ms", result.ms);
      value.Set("tokens", result.tokens);
      return value;
    };
  });
}

Napi::Value logits(const Napi::CallbackInfo& info) {
  const engine::LogitsRequest request = toLogitsRequest(toObject(info[0], "params"));
  return startJob(info.Env(), 0, {}, [request](const JobContext&) -> MakeValue {
    const auto values = std::make_shared<std::vector<float>>(engine::allLogits(request));
    return [values](Napi::Env env) {
      // Copied: Electron forbids array buffers outside its heap.
      Napi::Float32Array array = Napi::Float32Array::New(env, values->size());
      std::memcpy(array.Data(), values->data(), values->size() * sizeof(float));
      return array;
    };
  });
}

Napi::Value abort(const Napi::CallbackInfo& info) {
  abortJob(info.Env(), toJobNumber(info[0]));
  return info.Env().Undefined();
}

// Wraps a function so that bad arguments and engine errors become JavaScript errors with a code.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return function(info);
  } catch (const Error& error) {
    throw makeError(info.Env(), error.code(), error.what());
  }
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
void add(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<function>>(exports.Env(), name));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  initJobs(env);
  add<open>(exports, "open");
  add<inspect>(exports, "inspect");
  add<load>(exports, "load");
  add<unload>(exports, "unload");
  add<memory>(exports, "memory");
  add<kept>(exports, "kept");
  add<tokenize>(exports, "tokenize");
  add<detokenize>(exports, "detokenize");
  add<pieces>(exports, "pieces");
  add<encode>(exports, "encode");
  add<answer>(exports, "answer");
  add<compare>(exports, "compare");
  add<measure>(exports, "measure");
  add<inspectCache>(exports, "inspectCache");
  add<provenance>(exports, "provenance");
  add<deviation>(exports, "deviation");
  add<parity>(exports, "parity");
  add<shift>(exports, "shift");
  add<verify>(exports, "verify");
  add<learn>(exports, "learn");
  add<recode>(exports, "recode");
  add<quantise>(exports, "quantise");
  add<randomModel>(exports, "randomModel");
  add<bench>(exports, "bench");
  add<logits>(exports, "logits");
  add<abort>(exports, "abort");
  return exports;
}

}  // namespace

// The macro defines functions that refer to its argument by name.
static Napi::Object initAddon(Napi::Env env, Napi::Object exports) { return init(env, exports); }
NODE_API_MODULE(kvasir, initAddon)

}  // namespace kvasir::addon
