#include "job.h"

#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "../codec/error.h"

namespace kvasir::addon {

// The jobs of one environment (Node may load the addon in several worker threads).
class Jobs {
 public:
  Napi::Value start(Napi::Env env, JobNumber number, Napi::Value listener, Work work);

  void abort(JobNumber number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [first, last] = byNumber_.equal_range(number);
    for (auto it = first; it != last; ++it) it->second->store(true);
  }

  // At the end of the environment.
  void stop() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (auto& [number, flag] : byNumber_) flag->store(true);
    }
    for (auto& [id, thread] : threads_) thread.join();
  }

 private:
  // On the JavaScript thread, when a job has settled.
  void ended(uint64_t id, JobNumber number, const std::shared_ptr<std::atomic<bool>>& flag) {
    threads_.at(id).join();
    threads_.erase(id);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [first, last] = byNumber_.equal_range(number);
    for (auto it = first; it != last; ++it) {
      if (it->second != flag) continue;
      byNumber_.erase(it);
      return;
    }
  }

  std::mutex mutex_;
  std::multimap<JobNumber, std::shared_ptr<std::atomic<bool>>> byNumber_;
  std::map<uint64_t, std::thread> threads_;
  uint64_t next_ = 0;
};

namespace {

struct Failure {
  std::string code;
  std::string text;
};

Failure describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return {"engine.memory", "Expected enough memory for the request, but an allocation failed."};
  } catch (const std::exception& error) {
    return {"internal", error.what()};
  } catch (...) {
    return {"internal", "An unknown native exception."};
  }
}

}  // namespace

void JobContext::emit(MakeValue event) const {
  if (!listening_) return;
  // Refused only while the environment closes; nobody listens then.
  queue_.NonBlockingCall(
      [event = std::move(event)](Napi::Env env, Napi::Function listener) { listener.Call({event(env)}); });
}

Napi::Value Jobs::start(Napi::Env env, JobNumber number, Napi::Value listener, Work work) {
  const bool listening = listener.IsFunction();
  const Napi::Function callee =
      listening ? listener.As<Napi::Function>() : Napi::Function::New(env, [](const Napi::CallbackInfo&) {});
  const auto deferred = std::make_shared<Napi::Promise::Deferred>(Napi::Promise::Deferred::New(env));
  auto context = std::make_shared<JobContext>();
  context->aborted_ = std::make_shared<std::atomic<bool>>(false);
  context->queue_ = Napi::ThreadSafeFunction::New(env, callee, "kvasir job", 0, 1);
  context->listening_ = listening;
  const uint64_t id = next_++;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    byNumber_.emplace(number, context->aborted_);
  }
  threads_.emplace(
      id, std::thread([this, id, number, context, deferred, work = std::move(work)] {
        std::function<void(Napi::Env)> settle;
        try {
          settle = [deferred, make = work(*context)](Napi::Env e) { deferred->Resolve(make(e)); };
        } catch (...) {
          const Failure failure = describe(std::current_exception());
          settle = [deferred, failure](Napi::Env e) {
            deferred->Reject(makeError(e, failure.code, failure.text).Value());
          };
        }
        Napi::ThreadSafeFunction queue = context->queue_;
        const auto flag = context->aborted_;
        queue.NonBlockingCall([this, id, number, flag, settle = std::move(settle)](Napi::Env e, Napi::Function) {
          ended(id, number, flag);
          settle(e);
        });
        queue.Release();
      }));
  return deferred->Promise();
}

Napi::Error makeError(Napi::Env env, const std::string& code, const std::string& text) {
  Napi::Error error = Napi::Error::New(env, text);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Value startJob(Napi::Env env, JobNumber number, Napi::Value listener, Work work) {
  return env.GetInstanceData<Jobs>()->start(env, number, listener, std::move(work));
}

void abortJob(Napi::Env env, JobNumber number) { env.GetInstanceData<Jobs>()->abort(number); }

void initJobs(Napi::Env env) {
  auto* jobs = new Jobs;
  env.SetInstanceData<Jobs>(jobs);
  env.AddCleanupHook([jobs] { jobs->stop(); });
}

}  // namespace kvasir::addon
