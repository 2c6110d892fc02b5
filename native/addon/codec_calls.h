// Calls of the codec, which need no model.
#pragma once

#include <napi.h>

namespace kvasir::addon {

// As src/engine-host/addon.ts declares them.
Napi::Value learn(const Napi::CallbackInfo& info);
Napi::Value recode(const Napi::CallbackInfo& info);
Napi::Value quantise(const Napi::CallbackInfo& info);
Napi::Value verify(const Napi::CallbackInfo& info);

}  // namespace kvasir::addon
