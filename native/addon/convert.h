// JavaScript values to the engine's plain structs and back. Wrong types are a kvasir::Error 'argument.invalid'; the
// host has validated requests before, so these checks only keep the process alive.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "../blend/answer.h"
#include "../blend/compare.h"
#include "../blend/provenance.h"
#include "../engine/bench.h"
#include "../engine/encode.h"
#include "../engine/facts.h"
#include "../engine/random_model.h"
#include "../engine/sessions.h"
#include "job.h"

namespace kvasir::addon {

// Arguments.
std::string toString(const Napi::Value& value, const char* what);
bool toBool(const Napi::Value& value, const char* what);
JobNumber toJobNumber(const Napi::Value& value);
std::vector<std::string> toStrings(const Napi::Value& value, const char* what);
std::vector<int32_t> toTokens(const Napi::Value& value, const char* what);
engine::LoadOptions toLoadOptions(const Napi::Value& value);
blend::AnswerRequest toAnswerRequest(const Napi::Object& params);
blend::CompareRequest toCompareRequest(const Napi::Object& params);
codec::NamedObject toNamedObject(const Napi::Value& value, const char* what);
engine::CodebookFile toCodebookFile(const Napi::Value& value);
std::vector<engine::Segment> toSegments(const Napi::Array& list);
Napi::Array arrayField(const Napi::Object& object, const char* name);
uint64_t toBytes(const Napi::Value& value, const char* what);
uint32_t toU32(const Napi::Value& value, const std::string& what);
bool boolField(const Napi::Object& object, const char* name, bool fallback);
// Field `subBatch`, 512 where there is none.
uint32_t toSubBatch(const Napi::Object& params);
blend::ProvenanceRequest toProvenanceRequest(const Napi::Object& params);
engine::EncodeRequest toEncodeRequest(const Napi::Object& params);
engine::RandomModel toRandomModel(const Napi::Object& params);
engine::BenchRequest toBenchRequest(const Napi::Object& params);
engine::LogitsRequest toLogitsRequest(const Napi::Object& params);
Napi::Object toObject(const Napi::Value& value, const char* what);
// Field `model`.
std::string modelHandle(const Napi::Object& params);

// Results.
Napi::Object fromSystem(Napi::Env env, const engine::SystemFacts& facts);
Napi::Object fromMemory(Napi::Env env, const engine::MemoryReport& report);
Napi::Object fromFacts(Napi::Env env, const engine::ModelFacts& facts);
Napi::Object fromSession(Napi::Env env, const std::string& handle, const engine::Session& session);
Napi::Object fromAnswer(Napi::Env env, const blend::Answer& answer);
Napi::Object fromCompared(Napi::Env env, const blend::ComparedArm& arm);
// Fields up to the first token, of an answer, its event or a compared arm.
void setFirst(Napi::Env env, Napi::Object& object, const blend::FirstToken& first);
Napi::Array fromNumbers(Napi::Env env, const std::vector<float>& numbers);
// {type: 'progress', done, total}
Napi::Object progressEvent(Napi::Env env, uint64_t done, uint64_t total);
Napi::Array fromTokens(Napi::Env env, const std::vector<int32_t>& tokens);

}  // namespace kvasir::addon
