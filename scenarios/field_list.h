#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

/// The machinery behind the file format: one list of fields a struct, from which reading, writing, the JSON Schema and
/// docs/scenario.md come. The lists themselves stand in scenario_fields.h.
namespace linger::scenarios {

/// What a text (or list of texts, or map) stands for, beyond its type: how it is checked and what an editor may offer.
enum class Meaning : std::uint8_t {
  plain,
  new_name,   ///< names a producer or consumer
  new_topic,  ///< names a topic
  new_fault,  ///< names a fault
  host,       ///< b1, c1, a producer or a consumer
  server,     ///< b1 or c1
  broker,     ///< b1
  producer,   ///< a producer's name
  topic,      ///< a topic's name
  partition,  ///< orders-0
  fault,      ///< a fault's id
  api,        ///< PRODUCE
  error,      ///< NOT_ENOUGH_REPLICAS
  profile,
  producer_settings,
  cluster_settings,
  topic_settings,
  changed_settings,  ///< of a topic or of brokers
  producer_behaviour,
  cluster_behaviour,
};

/// Everything about a field but its type.
struct FieldNote {
  std::string_view name;
  std::string_view about;  ///< one sentence without its full stop
  bool required = false;
  Meaning meaning = Meaning::plain;
  std::int64_t min = 0;  ///< integers: the least value; lists: the least number of elements
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view limit_of = {};    ///< integers: beyond max the sentence is "the limit is 32 brokers"
  std::string_view false_word = {};  ///< booleans written as words
  std::string_view true_word = {};
  bool may_be_negative = false;  ///< times
  bool always_written = false;   ///< also when it has its default
};

template <class S, class M>
struct Field {
  M S::*member;
  FieldNote note;
};

template <class S, class M>
constexpr Field<S, M> field(M S::*member, FieldNote note) {
  return {member, note};
}

/// Specialised for each struct of the format: `static constexpr auto fields = std::tuple(field(…), …)`.
template <class S>
struct FieldList;

template <class S>
concept Listed = requires {
  FieldList<S>::fields;
};

/// Specialised for each enumeration of the format: `static constexpr std::array words{std::pair{"word", E::value}, …}`.
template <class E>
struct Words;

template <class E>
concept Worded = requires {
  Words<E>::words;
};

/// How one alternative of a variant is written.
enum class FormStyle : std::uint8_t {
  word,    ///< {"do": "hold", "for": "2s"}: the key is the word, the fields stand beside it
  flat,    ///< {"crash": "b1", "power": true}: the first field is the key's value, the others stand beside it
  nested,  ///< {"elect": {"partition": "orders-0"}}: the fields stand inside
};

/// One alternative A of a variant. Where several forms make the same A, `is` tells them apart.
template <class A, class... Fs>
struct Form {
  using Alternative = A;
  std::string_view key;
  FormStyle style;
  std::string_view about;
  std::tuple<Fs...> fields;
  A (*make)();
  bool (*is)(const A&);
};

template <class A, class... Fs>
constexpr Form<A, Fs...> form(std::string_view key, FormStyle style, std::string_view about, Fs... fields) {
  return {key, style, about, std::tuple<Fs...>(fields...), [] { return A{}; }, [](const A&) { return true; }};
}

}  // namespace linger::scenarios
