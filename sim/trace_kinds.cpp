#include "sim/trace_kinds.h"

#include <array>
#include <cassert>

namespace linger::sim {

namespace {

// A table line from the macro: the field names are as many as the kind has.
template <class... Fields>
constexpr TraceKindInfo kind_info(std::string_view name, std::string_view text, std::string_view meaning,
                                  Fields... fields) {
  static_assert(sizeof...(fields) <= 8);
  return TraceKindInfo{name, {std::string_view{fields}...}, text, meaning};
}

constexpr TraceKindInfo sim_kinds[] = {
#define LINGER_KIND(name, ...) kind_info(#name, __VA_ARGS__),
    LINGER_SIM_TRACE_KINDS(LINGER_KIND)
#undef LINGER_KIND
};

void append_json_text(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json_field(std::string& out, std::string_view name) {
  out += ',';
  append_json_text(out, name);
  out += ':';
}

}  // namespace

TraceLayer sim_trace_layer() {
  return TraceLayer{"sim", sim_trace_first, sim_kinds};
}

const TraceKindInfo& TraceKinds::info(std::uint16_t kind) const {
  for (const TraceLayer& layer : layers_) {
    if (kind >= layer.first && kind - layer.first < static_cast<int>(layer.kinds.size())) {
      return layer.kinds[static_cast<std::size_t>(kind - layer.first)];
    }
  }
  assert(false && "a kind that no layer has");
  return layers_.front().kinds.front();
}

std::string_view TraceKinds::layer_of(std::uint16_t kind) const {
  for (const TraceLayer& layer : layers_) {
    if (kind >= layer.first && kind - layer.first < static_cast<int>(layer.kinds.size())) return layer.name;
  }
  assert(false && "a kind that no layer has");
  return {};
}

std::string TraceKinds::json_line(const TraceRecord& record, const Trace& trace,
                                  std::span<const std::string> host_names) const {
  const TraceKindInfo& kind = info(record.kind);
  std::string out = "{\"trace\":1,\"at_ns\":" + std::to_string(record.at.ns()) +
                    ",\"event\":" + std::to_string(record.event.value()) +
                    ",\"cause\":" + std::to_string(record.cause.value());
  if (record.host != no_host) {
    append_json_field(out, "host");
    append_json_text(out, host_names[record.host.value()]);
  }
  append_json_field(out, "layer");
  append_json_text(out, layer_of(record.kind));
  append_json_field(out, "kind");
  append_json_text(out, kind.name);
  for (std::size_t i = 0; i < kind.fields.size() && !kind.fields[i].empty(); ++i) {
    append_json_field(out, kind.fields[i]);
    out += std::to_string(record.args[i]);
  }
  if (!kind.text.empty()) {
    append_json_field(out, kind.text);
    append_json_text(out, trace.text(record.text));
  }
  return out += '}';
}

std::string TraceKinds::describe(const TraceRecord& record, const Trace& trace,
                                 std::span<const std::string> host_names) const {
  const TraceKindInfo& kind = info(record.kind);
  std::string out = record.at.describe() + " ";
  if (record.host != no_host) out.append(host_names[record.host.value()]) += ' ';
  out += kind.name;
  for (std::size_t i = 0; i < kind.fields.size() && !kind.fields[i].empty(); ++i) {
    (out += ' ').append(kind.fields[i]).append("=").append(std::to_string(record.args[i]));
  }
  if (!kind.text.empty()) (out += ' ').append(kind.text).append("=").append(trace.text(record.text));
  return out;
}

std::string TraceKinds::markdown() const {
  std::string out;
  for (const TraceLayer& layer : layers_) {
    out.append("## ").append(layer.name).append("\n\n| kind | fields | what it says |\n|---|---|---|\n");
    for (const TraceKindInfo& kind : layer.kinds) {
      out.append("| ").append(kind.name).append(" |");
      for (std::size_t i = 0; i < kind.fields.size() && !kind.fields[i].empty(); ++i)
        out.append(" ").append(kind.fields[i]);
      if (!kind.text.empty()) out.append(" ").append(kind.text);
      out.append(" | ").append(kind.meaning).append(" |\n");
    }
    out += '\n';
  }
  return out;
}

}  // namespace linger::sim
