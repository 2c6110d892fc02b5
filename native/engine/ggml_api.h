// ggml and libllama, opened at run time: one addon serves the CPU, CUDA, Vulkan and Metal builds. Inside kvasir::engine
// every function below is a pointer of its own name, so code reads as if it were linked; null until `openGgml`.
#pragma once

#include <string>

#include "ggml-alloc.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "ggml.h"
#include "gguf.h"
#include "llama.h"

// libggml-base: tensors, graphs, buffers, schedulers.
#define KVASIR_GGML_BASE(X)                   \
  X(ggml_add)                                 \
  X(ggml_backend_alloc_ctx_tensors_from_buft) \
  X(ggml_backend_buffer_clear)                \
  X(ggml_backend_buffer_free)                 \
  X(ggml_backend_buffer_get_base)             \
  X(ggml_backend_buffer_set_usage)            \
  X(ggml_backend_buft_alloc_buffer)           \
  X(ggml_backend_buft_get_alignment)          \
  X(ggml_backend_buft_get_alloc_size)         \
  X(ggml_backend_buft_get_max_size)           \
  X(ggml_backend_cpu_buffer_from_ptr)         \
  X(ggml_backend_dev_backend_reg)             \
  X(ggml_backend_dev_buffer_type)             \
  X(ggml_backend_dev_description)             \
  X(ggml_backend_dev_init)                    \
  X(ggml_backend_dev_memory)                  \
  X(ggml_backend_dev_name)                    \
  X(ggml_backend_dev_supports_op)             \
  X(ggml_backend_dev_type)                    \
  X(ggml_backend_free)                        \
  X(ggml_backend_get_default_buffer_type)     \
  X(ggml_backend_graph_compute)               \
  X(ggml_backend_reg_get_proc_address)        \
  X(ggml_backend_sched_alloc_graph)           \
  X(ggml_backend_sched_free)                  \
  X(ggml_backend_sched_graph_compute)         \
  X(ggml_backend_sched_new)                   \
  X(ggml_backend_sched_reserve)               \
  X(ggml_backend_sched_reset)                 \
  X(ggml_backend_tensor_alloc)                \
  X(ggml_backend_tensor_get)                  \
  X(ggml_backend_tensor_set)                  \
  X(ggml_backend_tensor_set_2d)               \
  X(ggml_blck_size)                           \
  X(ggml_build_forward_expand)                \
  X(ggml_cont)                                \
  X(ggml_custom_4d)                           \
  X(ggml_flash_attn_ext)                      \
  X(ggml_flash_attn_ext_set_prec)             \
  X(ggml_fp16_to_fp32_row)                    \
  X(ggml_fp32_to_fp16_row)                    \
  X(ggml_free)                                \
  X(ggml_gallocr_alloc_graph)                 \
  X(ggml_gallocr_free)                        \
  X(ggml_gallocr_new)                         \
  X(ggml_gallocr_reserve)                     \
  X(ggml_get_rows)                            \
  X(ggml_get_type_traits)                     \
  X(ggml_graph_overhead_custom)               \
  X(ggml_init)                                \
  X(ggml_log_set)                             \
  X(ggml_mul)                                 \
  X(ggml_mul_mat)                             \
  X(ggml_nbytes)                              \
  X(ggml_new_graph_custom)                    \
  X(ggml_new_tensor)                          \
  X(ggml_new_tensor_1d)                       \
  X(ggml_new_tensor_2d)                       \
  X(ggml_new_tensor_3d)                       \
  X(ggml_pad)                                 \
  X(ggml_permute)                             \
  X(ggml_quantize_chunk)                      \
  X(ggml_reshape_2d)                          \
  X(ggml_reshape_3d)                          \
  X(ggml_reshape_4d)                          \
  X(ggml_rms_norm)                            \
  X(ggml_rope_ext)                            \
  X(ggml_rope_ext_inplace)                    \
  X(ggml_row_size)                            \
  X(ggml_set_input)                           \
  X(ggml_set_name)                            \
  X(ggml_set_output)                          \
  X(ggml_set_rows)                            \
  X(ggml_soft_max_ext)                        \
  X(ggml_sqr)                                 \
  X(ggml_sub)                                 \
  X(ggml_sum_rows)                            \
  X(ggml_swiglu_split)                        \
  X(ggml_tallocr_alloc)                       \
  X(ggml_tallocr_new)                         \
  X(ggml_tensor_overhead)                     \
  X(ggml_type_name)                           \
  X(ggml_type_size)                           \
  X(ggml_version)                             \
  X(ggml_view_1d)                             \
  X(ggml_view_2d)                             \
  X(ggml_view_3d)                             \
  X(gguf_free)                                \
  X(gguf_init_empty)                          \
  X(gguf_set_arr_data)                        \
  X(gguf_set_arr_str)                         \
  X(gguf_set_val_bool)                        \
  X(gguf_set_val_f32)                         \
  X(gguf_set_val_i32)                         \
  X(gguf_set_val_str)                         \
  X(gguf_set_val_u32)

// libggml: the registry of devices.
#define KVASIR_GGML_REGISTRY(X) \
  X(ggml_backend_dev_by_type)   \
  X(ggml_backend_dev_count)     \
  X(ggml_backend_dev_get)       \
  X(ggml_backend_load_all_from_path)

// libllama: tokenizer, and the oracle of parity tests and benches.
#define KVASIR_LLAMA(X)           \
  X(llama_batch_free)             \
  X(llama_batch_init)             \
  X(llama_context_default_params) \
  X(llama_decode)                 \
  X(llama_free)                   \
  X(llama_get_logits)             \
  X(llama_get_memory)             \
  X(llama_init_from_model)        \
  X(llama_log_set)                \
  X(llama_memory_clear)           \
  X(llama_model_default_params)   \
  X(llama_model_free)             \
  X(llama_model_get_vocab)        \
  X(llama_model_init_from_user)   \
  X(llama_model_load_from_file)   \
  X(llama_token_to_piece)         \
  X(llama_tokenize)               \
  X(llama_version)                \
  X(llama_vocab_get_add_bos)      \
  X(llama_vocab_is_eog)           \
  X(llama_vocab_n_tokens)

namespace kvasir::engine {

#define KVASIR_DECLARE(name) extern decltype(&::name) name;
KVASIR_GGML_BASE(KVASIR_DECLARE)
KVASIR_GGML_REGISTRY(KVASIR_DECLARE)
KVASIR_LLAMA(KVASIR_DECLARE)
#undef KVASIR_DECLARE

// Opens the libraries of one folder and registers its devices. Once per process: the same folder again does nothing,
// another one is 'conflict'. A missing file, symbol or another version is 'engine.no-library'.
// `fallback`: a folder searched for an accelerator's library when `folder`'s cannot be loaded; may be empty.
void openGgml(const std::string& folder, const std::string& fallback = "");

// 'engine.no-library' unless `openGgml` has succeeded.
void requireGgml();

// The folder given to `openGgml`.
const std::string& ggmlFolder();

// Warnings and errors that ggml and libllama have logged since the last call, at most a few lines; for error texts.
std::string takeGgmlLog();

}  // namespace kvasir::engine
