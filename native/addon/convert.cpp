#include "convert.h"

#include <cmath>
#include <limits>

#include "../codec/error.h"

namespace kvasir::addon {
namespace {

[[noreturn]] void invalid(const std::string& what, const char* expected) {
  throw Error("argument.invalid", "Expected " + what + " to be " + expected + ".");
}

double toNumber(const Napi::Value& value, const std::string& what) {
  if (!value.IsNumber()) invalid(what, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

std::string stringField(const Napi::Object& object, const char* name) { return toString(object.Get(name), name); }
uint32_t u32Field(const Napi::Object& object, const char* name) { return toU32(object.Get(name), name); }
double numberField(const Napi::Object& object, const char* name) { return toNumber(object.Get(name), name); }

bool isGiven(const Napi::Value& value) { return !value.IsUndefined() && !value.IsNull(); }

uint32_t u32Field(const Napi::Object& object, const char* name, uint32_t fallback) {
  const Napi::Value value = object.Get(name);
  return isGiven(value) ? toU32(value, name) : fallback;
}

engine::Who toWho(const Napi::Object& params) {
  const std::string who = stringField(params, "who");
  if (who == "kvasir") return engine::Who::Kvasir;
  if (who == "libllama") return engine::Who::Libllama;
  invalid("who", "kvasir or libllama");
}

Napi::Number number(Napi::Env env, double value) { return Napi::Number::New(env, value); }

Napi::Value fromSpecial(Napi::Env env, const std::optional<engine::SpecialToken>& token) {
  if (!token) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("id", number(env, token->id));
  object.Set("text", token->text);
  return object;
}

const char* kindName(engine::DeviceKind kind) {
  switch (kind) {
    case engine::DeviceKind::Cpu: return "cpu";
    case engine::DeviceKind::Gpu: return "gpu";
    case engine::DeviceKind::Accelerator: break;
  }
  return "accelerator";
}

// A missing one computes nothing again.
blend::Recompute toRecompute(const Napi::Value& value) {
  blend::Recompute recompute;
  if (!isGiven(value)) return recompute;
  const Napi::Object object = toObject(value, "recompute");
  const std::string kind = stringField(object, "kind");
  if (kind == "rows") {
    recompute.kind = blend::Recompute::Kind::Rows;
    for (const int32_t row : toTokens(object.Get("rows"), "rows")) recompute.rows.push_back(static_cast<uint32_t>(row));
  } else if (kind == "check") {
    recompute.kind = blend::Recompute::Kind::Check;
    recompute.layer = u32Field(object, "layer");
    recompute.ratio = numberField(object, "ratio");
    recompute.exactRows = u32Field(object, "exactRows");
    recompute.attention = toBool(object.Get("attention"), "attention");
    recompute.gradual = toBool(object.Get("gradual"), "gradual");
    const std::string by = stringField(object, "by");
    if (by != "v" && by != "k" && by != "kv") invalid("by", "v, k or kv");
    recompute.by = by == "v"   ? blend::Deviation::Values
                   : by == "k" ? blend::Deviation::Keys
                               : blend::Deviation::Both;
  } else if (kind != "none") {
    invalid("kind", "none, rows or check");
  }
  return recompute;
}

uint32_t toMaxTokens(const Napi::Object& params) {
  const uint32_t maxTokens = u32Field(params, "maxTokens");
  if (maxTokens < 1) invalid("maxTokens", "at least 1");
  return maxTokens;
}

std::vector<std::string> toStops(const Napi::Object& params) {
  std::vector<std::string> stops = toStrings(params.Get("stop"), "stop");
  for (const std::string& stop : stops) {
    if (stop.empty()) invalid("stop", "strings that are not empty");
  }
  return stops;
}

Napi::Array fromStages(Napi::Env env, const blend::FirstToken& first) {
  Napi::Array array = Napi::Array::New(env);
  const auto add = [&](const char* name, double from, double end, double busy) {
    Napi::Object stage = Napi::Object::New(env);
    stage.Set("name", name);
    stage.Set("startMs", number(env, from));
    stage.Set("ms", number(env, end - from));
    stage.Set("busyMs", number(env, busy));
    array.Set(array.Length(), stage);
  };
  for (const bool load : {true, false}) {
    double from = 0, end = 0, busy = 0;
    for (const blend::Work& work : first.composition.work) {
      if (work.load != load) continue;
      if (busy == 0) from = work.span.startMs;
      end = work.span.startMs + work.span.ms;
      busy += work.span.ms;
    }
    if (busy > 0) add(load ? "load" : "compute", from, end, busy);
  }
  const engine::Span& sampling = first.sampling;
  add("first-token", sampling.startMs, sampling.startMs + sampling.ms, sampling.ms);
  return array;
}

void setGeneration(Napi::Env env, Napi::Object& object, const blend::Generation& generation) {
  object.Set("text", generation.text);
  object.Set("tokens", fromTokens(env, generation.tokens));
  Napi::Array pieces = Napi::Array::New(env, generation.pieces.size());
  for (uint32_t i = 0; i < generation.pieces.size(); i++) pieces.Set(i, generation.pieces[i]);
  object.Set("pieces", pieces);
  object.Set("stop", generation.stop);
}

}  // namespace

uint32_t toU32(const Napi::Value& value, const std::string& what) {
  const double number = toNumber(value, what);
  if (!(number >= 0 && number <= std::numeric_limits<uint32_t>::max()) || std::floor(number) != number) {
    invalid(what, "a whole number from 0 to 2^32 - 1");
  }
  return static_cast<uint32_t>(number);
}

Napi::Array arrayField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) invalid(name, "an array");
  return value.As<Napi::Array>();
}

bool boolField(const Napi::Object& object, const char* name, bool fallback) {
  const Napi::Value value = object.Get(name);
  return isGiven(value) ? toBool(value, name) : fallback;
}

uint32_t toSubBatch(const Napi::Object& params) {
  const uint32_t subBatch = u32Field(params, "subBatch", 512);
  if (subBatch < 1 || subBatch > 8192) invalid("subBatch", "from 1 to 8192");
  return subBatch;
}

codec::NamedObject toNamedObject(const Napi::Value& value, const char* what) {
  const Napi::Object object = toObject(value, what);
  return {stringField(object, "path"), codec::Digest::parse(stringField(object, "key"))};
}

engine::CodebookFile toCodebookFile(const Napi::Value& value) {
  const Napi::Object file = toObject(value, "codebook");
  engine::CodebookFile codebook{stringField(file, "path"), codec::Digest::parse(stringField(file, "digest"))};
  if (codebook.path.empty()) invalid("path", "a file's path");
  return codebook;
}

uint64_t toBytes(const Napi::Value& value, const char* what) {
  const double bytes = toNumber(value, what);
  // Whole numbers up to there are exact in JavaScript.
  if (!(bytes >= 0 && bytes <= 9007199254740991.0)) invalid(what, "bytes, 0 or more");
  return static_cast<uint64_t>(bytes);
}

std::vector<engine::Segment> toSegments(const Napi::Array& list) {
  std::vector<engine::Segment> segments;
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Object item = toObject(list.Get(i), "segment");
    engine::Segment segment;
    segment.tokens = toTokens(item.Get("tokens"), "tokens");
    const std::string kind = stringField(item, "kind");
    if (kind == "cached") {
      segment.path = stringField(item, "path");
      segment.key = codec::Digest::parse(stringField(item, "key"));
      if (segment.path.empty()) invalid("path", "a file's path");
      if (isGiven(item.Get("codebook"))) segment.codebook = toCodebookFile(item.Get("codebook"));
    } else if (kind != "compute") {
      invalid("kind", "compute or cached");
    }
    segments.push_back(std::move(segment));
  }
  return segments;
}

Napi::Object toObject(const Napi::Value& value, const char* what) {
  if (!value.IsObject()) invalid(what, "an object");
  return value.As<Napi::Object>();
}

std::string toString(const Napi::Value& value, const char* what) {
  if (!value.IsString()) invalid(what, "a string");
  return value.As<Napi::String>().Utf8Value();
}

bool toBool(const Napi::Value& value, const char* what) {
  if (!value.IsBoolean()) invalid(what, "true or false");
  return value.As<Napi::Boolean>().Value();
}

JobNumber toJobNumber(const Napi::Value& value) { return toU32(value, "job"); }

std::vector<std::string> toStrings(const Napi::Value& value, const char* what) {
  if (!value.IsArray()) invalid(what, "an array of strings");
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (uint32_t i = 0; i < list.Length(); i++) strings.push_back(toString(list.Get(i), what));
  return strings;
}

std::vector<int32_t> toTokens(const Napi::Value& value, const char* what) {
  if (!value.IsArray()) invalid(what, "an array of token ids");
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<int32_t> tokens(list.Length());
  for (uint32_t i = 0; i < tokens.size(); i++) {
    const uint32_t token = toU32(list.Get(i), what);
    if (token > static_cast<uint32_t>(std::numeric_limits<int32_t>::max())) invalid(what, "token ids below 2^31");
    tokens[i] = static_cast<int32_t>(token);
  }
  return tokens;
}

engine::LoadOptions toLoadOptions(const Napi::Value& value) {
  const Napi::Object object = toObject(value, "options");
  engine::LoadOptions options;
  options.device = stringField(object, "device");
  options.threads = u32Field(object, "threads", 0);
  const Napi::Value layers = object.Get("gpuLayers");
  if (layers.IsNumber()) options.gpuLayers = toU32(layers, "gpuLayers");
  return options;
}

std::string modelHandle(const Napi::Object& params) { return stringField(params, "model"); }

blend::AnswerRequest toAnswerRequest(const Napi::Object& params) {
  blend::AnswerRequest request;
  request.compose.segments = toSegments(arrayField(params, "segments"));
  request.compose.recompute = toRecompute(params.Get("recompute"));
  request.compose.subBatch = toSubBatch(params);
  request.compose.resident = boolField(params, "resident", false);
  if (boolField(params, "memory", true)) request.compose.memory = &engine::memoryTier();
  const Napi::Object sampling = toObject(params.Get("sampling"), "sampling");
  request.sampling.temperature = static_cast<float>(numberField(sampling, "temperature"));
  request.sampling.topK = u32Field(sampling, "topK");
  request.sampling.topP = static_cast<float>(numberField(sampling, "topP"));
  request.sampling.minP = static_cast<float>(numberField(sampling, "minP"));
  request.sampling.seed = u32Field(sampling, "seed");
  request.maxTokens = toMaxTokens(params);
  request.stop = toStops(params);
  if (isGiven(params.Get("minConfidence"))) request.minConfidence = numberField(params, "minConfidence");
  return request;
}

blend::CompareRequest toCompareRequest(const Napi::Object& params) {
  blend::CompareRequest request;
  const Napi::Array arms = arrayField(params, "arms");
  if (arms.Length() < 1) invalid("arms", "at least one");
  for (uint32_t i = 0; i < arms.Length(); i++) {
    const Napi::Object arm = toObject(arms.Get(i), "arm");
    request.arms.push_back({toSegments(arrayField(arm, "segments")), toRecompute(arm.Get("recompute"))});
  }
  if (isGiven(params.Get("continuation"))) request.continuation = toTokens(params.Get("continuation"), "continuation");
  request.maxTokens = toMaxTokens(params);
  request.stop = toStops(params);
  request.subBatch = toSubBatch(params);
  return request;
}

blend::ProvenanceRequest toProvenanceRequest(const Napi::Object& params) {
  blend::ProvenanceRequest request;
  request.compose.segments = toSegments(arrayField(params, "segments"));
  request.compose.recompute = toRecompute(params.Get("recompute"));
  request.compose.subBatch = toSubBatch(params);
  request.compose.memory = &engine::memoryTier();
  request.answer = toTokens(params.Get("answer"), "answer");
  const Napi::Array ranges = arrayField(params, "ranges");
  for (uint32_t i = 0; i < ranges.Length(); i++) {
    const Napi::Object range = toObject(ranges.Get(i), "range");
    request.ranges.push_back({u32Field(range, "from"), u32Field(range, "count")});
  }
  return request;
}

engine::EncodeRequest toEncodeRequest(const Napi::Object& params) {
  engine::EncodeRequest request;
  request.context = toSegments(arrayField(params, "context"));
  const Napi::Array chunks = arrayField(params, "chunks");
  for (uint32_t i = 0; i < chunks.Length(); i++) {
    const Napi::Object item = toObject(chunks.Get(i), "chunk");
    engine::ChunkRequest chunk;
    chunk.tokens = toTokens(item.Get("tokens"), "tokens");
    chunk.key = codec::Digest::parse(stringField(item, "key"));
    chunk.path = stringField(item, "path");
    request.chunks.push_back(std::move(chunk));
  }
  request.subBatch = toSubBatch(params);
  return request;
}

engine::RandomModel toRandomModel(const Napi::Object& params) {
  engine::RandomModel model;
  model.path = stringField(params, "path");
  model.architecture = stringField(params, "architecture");
  model.type = stringField(params, "type");
  model.layers = u32Field(params, "layers");
  model.embedding = u32Field(params, "embedding");
  model.feedForward = u32Field(params, "feedForward");
  model.heads = u32Field(params, "heads");
  model.kvHeads = u32Field(params, "kvHeads");
  model.headDim = u32Field(params, "headDim");
  model.vocabulary = u32Field(params, "vocabulary");
  model.contextLength = u32Field(params, "contextLength");
  model.tied = toBool(params.Get("tied"), "tied");
  model.ropeBase = numberField(params, "ropeBase");
  model.ropeScaling = stringField(params, "ropeScaling");
  model.seed = u32Field(params, "seed");
  return model;
}

engine::BenchRequest toBenchRequest(const Napi::Object& params) {
  engine::BenchRequest request;
  request.who = toWho(params);
  const std::string what = stringField(params, "what");
  if (what != "prefill" && what != "decode") invalid("what", "prefill or decode");
  request.prefill = what == "prefill";
  request.tokens = toTokens(params.Get("tokens"), "tokens");
  request.steps = u32Field(params, "steps", 32);
  if (request.steps < 1) invalid("steps", "at least 1");
  request.subBatch = toSubBatch(params);
  return request;
}

engine::LogitsRequest toLogitsRequest(const Napi::Object& params) {
  engine::LogitsRequest request;
  request.path = stringField(params, "path");
  request.who = toWho(params);
  if (isGiven(params.Get("context"))) request.context = toSegments(arrayField(params, "context"));
  request.tokens = toTokens(params.Get("tokens"), "tokens");
  request.subBatch = toSubBatch(params);
  request.decode = u32Field(params, "decode", 0);
  request.load.device = isGiven(params.Get("device")) ? stringField(params, "device") : "cpu";
  request.load.threads = u32Field(params, "threads", 0);
  if (isGiven(params.Get("gpuLayers"))) request.load.gpuLayers = u32Field(params, "gpuLayers");
  request.test.asLibllama = boolField(params, "asLibllama", false);
  request.test.forceScheduler = boolField(params, "scheduler", false);
  if (isGiven(params.Get("ropeBaseScale")))
    request.test.ropeBaseScale = static_cast<float>(numberField(params, "ropeBaseScale"));
  return request;
}

Napi::Object fromSystem(Napi::Env env, const engine::SystemFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("libraryDir", facts.libraryDir);
  object.Set("ggmlVersion", facts.ggmlVersion);
  object.Set("llamaVersion", facts.llamaVersion);
  object.Set("cpuFeatures", facts.cpuFeatures);
  Napi::Array devices = Napi::Array::New(env, facts.devices.size());
  for (uint32_t i = 0; i < facts.devices.size(); i++) {
    const engine::DeviceInfo& info = facts.devices[i];
    Napi::Object device = Napi::Object::New(env);
    device.Set("name", info.name);
    device.Set("description", info.description);
    device.Set("kind", kindName(info.kind));
    device.Set("memoryBytes", number(env, static_cast<double>(info.memoryBytes)));
    device.Set("freeBytes", number(env, static_cast<double>(info.freeBytes)));
    devices.Set(i, device);
  }
  object.Set("devices", devices);
  return object;
}

Napi::Object fromMemory(Napi::Env env, const engine::MemoryReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("budgetBytes", number(env, static_cast<double>(report.budgetBytes)));
  object.Set("bytes", number(env, static_cast<double>(report.bytes)));
  object.Set("layers", number(env, static_cast<double>(report.layers)));
  object.Set("hits", number(env, static_cast<double>(report.hits)));
  object.Set("misses", number(env, static_cast<double>(report.misses)));
  object.Set("evictions", number(env, static_cast<double>(report.evictions)));
  return object;
}

Napi::Object fromFacts(Napi::Env env, const engine::ModelFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", facts.name);
  object.Set("architecture", facts.architecture);
  object.Set("quantization", facts.quantization);
  object.Set("parameters", number(env, static_cast<double>(facts.parameters)));
  object.Set("fileBytes", number(env, static_cast<double>(facts.fileBytes)));
  object.Set("layers", number(env, facts.layers));
  object.Set("embedding", number(env, facts.embedding));
  object.Set("heads", number(env, facts.heads));
  object.Set("kvHeads", number(env, facts.kvHeads));
  object.Set("headDim", number(env, facts.headDim));
  object.Set("vocabulary", number(env, facts.vocabulary));
  object.Set("contextLength", number(env, facts.contextLength));
  object.Set("kvBytesPerToken", number(env, static_cast<double>(facts.kvBytesPerToken)));
  object.Set("chatTemplate",
             facts.chatTemplate ? Napi::Value(Napi::String::New(env, *facts.chatTemplate)) : env.Null());
  object.Set("bosToken", fromSpecial(env, facts.bosToken));
  object.Set("eosToken", fromSpecial(env, facts.eosToken));
  object.Set("addBos", Napi::Boolean::New(env, facts.addBos));
  object.Set("tokenizerDigest", facts.tokenizerDigest);
  return object;
}

Napi::Object fromSession(Napi::Env env, const std::string& handle, const engine::Session& session) {
  Napi::Object object = fromFacts(env, session.model.facts());
  object.Set("model", handle);
  object.Set("device", session.model.deviceName());
  object.Set("gpuLayers", number(env, session.model.gpuLayers()));
  object.Set("threads", number(env, session.model.threads()));
  object.Set("loadMs", number(env, session.loadMs));
  object.Set("weightBytes", number(env, static_cast<double>(session.model.weights().bytes())));
  return object;
}

Napi::Object progressEvent(Napi::Env env, uint64_t done, uint64_t total) {
  Napi::Object event = Napi::Object::New(env);
  event.Set("type", "progress");
  event.Set("done", static_cast<double>(done));
  event.Set("total", static_cast<double>(total));
  return event;
}

Napi::Array fromTokens(Napi::Env env, const std::vector<int32_t>& tokens) {
  Napi::Array array = Napi::Array::New(env, tokens.size());
  for (uint32_t i = 0; i < tokens.size(); i++) array.Set(i, number(env, tokens[i]));
  return array;
}

Napi::Array fromNumbers(Napi::Env env, const std::vector<float>& numbers) {
  Napi::Array array = Napi::Array::New(env, numbers.size());
  for (uint32_t i = 0; i < numbers.size(); i++) array.Set(i, number(env, numbers[i]));
  return array;
}

void setFirst(Napi::Env env, Napi::Object& object, const blend::FirstToken& first) {
  const blend::Composition& composition = first.composition;
  object.Set("stages", fromStages(env, first));
  Napi::Array work = Napi::Array::New(env, composition.work.size());
  for (uint32_t i = 0; i < composition.work.size(); i++) {
    const blend::Work& each = composition.work[i];
    Napi::Object item = Napi::Object::New(env);
    item.Set("what", each.load ? "load" : "compute");
    item.Set("from", number(env, each.from));
    item.Set("to", number(env, each.to));
    item.Set("rows", number(env, each.rows));
    item.Set("startMs", number(env, each.span.startMs));
    item.Set("ms", number(env, each.span.ms));
    work.Set(i, item);
  }
  object.Set("work", work);
  object.Set("ttftMs", number(env, first.ttftMs));
  object.Set("cpuMs", number(env, first.cpuMs));
  object.Set("bytesRead", number(env, static_cast<double>(composition.bytesRead)));
  object.Set("bytesFromMemory", number(env, static_cast<double>(composition.bytesFromMemory)));
  object.Set("reusedTokens", number(env, composition.reusedTokens));
  object.Set("computedTokens", number(env, composition.computedTokens));
  Napi::Array rows = Napi::Array::New(env, composition.recomputedRows.size());
  for (uint32_t i = 0; i < composition.recomputedRows.size(); i++) rows.Set(i, number(env, composition.recomputedRows[i]));
  object.Set("recomputedRows", rows);
  object.Set("wasResident", Napi::Boolean::New(env, composition.wasResident));
  object.Set("logitsDigest", first.logitsDigest);
  Napi::Array likely = Napi::Array::New(env, first.likely.size());
  for (uint32_t i = 0; i < first.likely.size(); i++) {
    Napi::Object token = Napi::Object::New(env);
    token.Set("id", number(env, first.likely[i].id));
    token.Set("text", first.likely[i].text);
    token.Set("logProbability", number(env, first.likely[i].logProbability));
    likely.Set(i, token);
  }
  object.Set("firstTokens", likely);
}

Napi::Object fromAnswer(Napi::Env env, const blend::Answer& answer) {
  Napi::Object object = Napi::Object::New(env);
  setFirst(env, object, answer.first);
  setGeneration(env, object, answer.generation);
  object.Set("decodeMs", number(env, answer.decodeMs));
  return object;
}

Napi::Object fromCompared(Napi::Env env, const blend::ComparedArm& arm) {
  Napi::Object object = Napi::Object::New(env);
  setFirst(env, object, arm.first);
  setGeneration(env, object, arm.generation);
  object.Set("klMean", number(env, arm.klMean));
  object.Set("klMax", number(env, arm.klMax));
  object.Set("top1", number(env, arm.top1));
  object.Set("logProbability", number(env, arm.logProbability));
  Napi::Array kl = Napi::Array::New(env, arm.kl.size());
  Napi::Array agrees = Napi::Array::New(env, arm.agrees.size());
  for (uint32_t i = 0; i < arm.kl.size(); i++) {
    kl.Set(i, number(env, arm.kl[i]));
    agrees.Set(i, Napi::Boolean::New(env, arm.agrees[i]));
  }
  object.Set("kl", kl);
  object.Set("agrees", agrees);
  return object;
}

}  // namespace kvasir::addon
