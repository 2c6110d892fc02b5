// Work on a thread of its own whose result settles a promise: the JavaScript thread never waits. Events and the result
// go through one queue, so every event arrives before the promise is settled.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>

namespace kvasir::addon {

// Makes a JavaScript value, on the JavaScript thread.
using MakeValue = std::function<Napi::Value(Napi::Env)>;

class JobContext {
 public:
  // Set by `abort`, or when the process ends.
  const std::atomic<bool>& aborted() const noexcept { return *aborted_; }
  // Queues a call of the job's listener; from the job's thread.
  void emit(MakeValue event) const;

 private:
  friend class Jobs;
  std::shared_ptr<std::atomic<bool>> aborted_;
  Napi::ThreadSafeFunction queue_;
  bool listening_ = false;
};

// Runs on the job's thread and touches no JavaScript; what it returns is called on the JavaScript thread.
using Work = std::function<MakeValue(const JobContext&)>;

// Number by which a job can be aborted; 0 for one that cannot.
using JobNumber = int64_t;

// Starts work and returns the promise. `listener` may be empty. A kvasir::Error rejects with an Error that has its
// `code`; any other exception has 'internal'.
Napi::Value startJob(Napi::Env env, JobNumber number, Napi::Value listener, Work work);

// Sets the flag of the running job of this number; none is no error, it may just have ended.
void abortJob(Napi::Env env, JobNumber number);

// An Error with a `code`.
Napi::Error makeError(Napi::Env env, const std::string& code, const std::string& text);

// Prepares this environment; when it ends, running jobs are aborted and waited for.
void initJobs(Napi::Env env);

}  // namespace kvasir::addon
