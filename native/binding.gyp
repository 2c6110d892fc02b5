{
  "variables": {
    "vendor": "vendor/<!(node -p \"require('../node_modules/node-llama-cpp/package.json').version\")"
  },
  "targets": [
    {
      "target_name": "kvasir",
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('codec').filter((f) => f.endsWith('.cpp') && !f.startsWith('test')).map((f) => 'codec/' + f).join(' ')\")",
        "attention/attention.cpp",
        "<!@(node -p \"require('fs').readdirSync('engine').filter((f) => f.endsWith('.cpp') && !f.startsWith('test')).map((f) => 'engine/' + f).join(' ')\")",
        "<!@(node -p \"require('fs').readdirSync('blend').filter((f) => f.endsWith('.cpp')).map((f) => 'blend/' + f).join(' ')\")",
        "<!@(node -p \"require('fs').readdirSync('addon').filter((f) => f.endsWith('.cpp')).map((f) => 'addon/' + f).join(' ')\")"
      ],
      "include_dirs": [
        "<!@(node -p \"require('node-addon-api').include\")",
        "<(vendor)",
        "<(vendor)/include",
        "<(vendor)/ggml/include"
      ],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-O3", "-Wall", "-Wextra", "-Wno-unused-parameter"],
      "cflags_cc": ["-std=c++17", "-fexceptions", "-fvisibility=hidden"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++20", "-std=c++20"],
      "conditions": [
        ["OS=='linux'", { "libraries": ["-ldl", "-lpthread"] }],
        ["OS=='mac'", {
          "xcode_settings": {
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "CLANG_CXX_LIBRARY": "libc++",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "12.0"
          }
        }],
        ["OS=='win'", {
          "defines": ["NOMINMAX", "WIN32_LEAN_AND_MEAN", "_CRT_SECURE_NO_WARNINGS"],
          "msvs_settings": {
            "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++17", "/utf-8"] }
          }
        }]
      ]
    },
    {
      "target_name": "kvasir-native-tests",
      "type": "executable",
      "win_delay_load_hook": "false",
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('codec').filter((f) => f.endsWith('.cpp')).map((f) => 'codec/' + f).join(' ')\")",
        "attention/attention.cpp",
        "attention/test_attention.cpp",
        "engine/machine.cpp",
        "engine/memory_tier.cpp",
        "engine/test_memory_tier.cpp"
      ],
      "cflags": ["-O2", "-Wall", "-Wextra"],
      "cflags_cc": ["-std=c++17", "-fexceptions"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++20", "-std=c++20"],
      "conditions": [
        ["OS=='mac'", {
          "xcode_settings": { "GCC_ENABLE_CPP_EXCEPTIONS": "YES", "CLANG_CXX_LANGUAGE_STANDARD": "c++17", "CLANG_CXX_LIBRARY": "libc++", "MACOSX_DEPLOYMENT_TARGET": "12.0" }
        }],
        ["OS=='win'", {
          "defines": ["NOMINMAX", "_CRT_SECURE_NO_WARNINGS"],
          "msvs_settings": {
            "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++17", "/utf-8"] }
          }
        }]
      ]
    }
  ]
}
