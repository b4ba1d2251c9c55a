#include <malloc.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

// What replaces operator new and operator delete in the program `linger`. A run makes and drops thousands of small objects of few sizes; lists of free
// blocks by size answer that in a few instructions, where malloc takes many times as long. Each block comes from malloc by itself, so that any of
// them may also go back there.

// A sanitizer has its own and must see every block; g++ says so with a macro, clang++ with a feature.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LINGER_OWN_ALLOCATION 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LINGER_OWN_ALLOCATION 0
#endif
#endif

#ifndef LINGER_OWN_ALLOCATION

namespace {

constexpr std::size_t step = 16;
constexpr std::size_t sizes = 65;       // up to 1 KB
constexpr std::size_t kept_bytes = 1 << 20;  // a size, a thread

struct FreeBlock {
  FreeBlock* next;
};

struct List {
  FreeBlock* first;
  std::size_t blocks;
};

// No constructor and no destructor: usable before main and until the process ends. What a thread keeps when it ends stays unused.
thread_local constinit std::array<List, sizes> lists{};

void* allocate_anew(std::size_t size) {
  for (;;) {
    if (void* block = std::malloc(size)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}

inline void* allocate(std::size_t size) {
  const std::size_t number = (size + step - 1) / step;
  if (number >= sizes) return allocate_anew(size);
  List& list = lists[number];
  FreeBlock* block = list.first;
  if (block == nullptr) return allocate_anew(number == 0 ? step : number * step);
  list.first = block->next;
  --list.blocks;
  return block;
}

inline void keep(void* pointer, std::size_t number) {
  if (number >= sizes || lists[number].blocks * number * step >= kept_bytes) {
    std::free(pointer);
    return;
  }
  auto* block = ::new (pointer) FreeBlock{lists[number].first};
  lists[number].first = block;
  ++lists[number].blocks;
}

inline void give_back(void* pointer) {
  if (pointer == nullptr) return;
  // malloc rounds up to a multiple of 16 and adds 8: this is the number that the block was asked for under, or the next lower.
  keep(pointer, malloc_usable_size(pointer) / step);
}

/// With the size that it was asked for, nothing need be read to know its list.
inline void give_back(void* pointer, std::size_t size) {
  if (pointer == nullptr) return;
  keep(pointer, (size + step - 1) / step);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* pointer) noexcept { give_back(pointer); }
void operator delete[](void* pointer) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t size) noexcept { give_back(pointer, size); }
void operator delete[](void* pointer, std::size_t size) noexcept { give_back(pointer, size); }

#endif
