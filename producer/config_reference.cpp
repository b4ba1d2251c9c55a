#include "producer/config_def.h"

namespace linger {
namespace {

std::string default_of(const ConfigKey& key) {
  if (key.required) return "(required)";
  if (key.default_text == nullptr) return "null";
  return *key.default_text == '\0' ? "\"\"" : key.default_text;
}

/// Text broken into lines of at most `width` bytes at blanks, each behind `indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    if (column > 0 && column + 1 + word.size() > width) {
      out += '\n';
      column = 0;
    }
    if (column == 0) {
      out += indent;
      column = indent.size();
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + '\n';
}

std::string cell(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(const std::string& text) {
  return text.empty() ? std::string() : "`" + cell(text) + "`";
}

void append_table(std::string& out, ConfigUse use) {
  out += "| Setting | Type | Default | Valid values | Importance | Meaning |\n|---|---|---|---|---|---|\n";
  for (const ConfigKey& key : producer_config_keys()) {
    if (key.use != use) continue;
    out += "| " + code(std::string(key.name)) + " | " + std::string(describe(key.type)) + " | " +
           code(default_of(key)) + " | " + code(describe(key.rule, key.type)) + " | " +
           std::string(describe(key.importance)) + " | " + cell(std::string(key.meaning)) + " |\n";
  }
}

}  // namespace

std::string config_reference_text() {
  std::string out;
  for (const ConfigKey& key : producer_config_keys()) {
    out += std::string(key.name) + "\n";
    out += "  " + std::string(describe(key.type)) + ", default " + default_of(key);
    const std::string valid = describe(key.rule, key.type);
    if (!valid.empty()) out += ", valid " + valid;
    if (key.use == ConfigUse::no_effect) out += ", no effect here";
    out += '\n' + wrapped(key.meaning, 78, "  ") + '\n';
  }
  return out;
}

std::string config_reference_markdown() {
  std::string out =
      "# Producer settings\n\n"
      "This page is printed from the table that the program reads settings by, as is `linger config`. Linger reads a "
      "`producer.properties` as "
      "kafka-clients 4.3.1\n"
      "does: the same keys, defaults, parsing and checks. A setting is either used, so that it changes the run as it "
      "changes the Java\n"
      "producer, or it is read and checked and then named in one warning, because what it governs is not simulated.\n\n"
      "Two rules that surprise: an invalid *combination* is an error only if both sides were written down (idempotence "
      "that `acks=1` or\n"
      "`retries=0` rule out is switched off silently unless `enable.idempotence=true` is in the file, and then it is "
      "an error;\n"
      "`max.in.flight.requests.per.connection` above 5 is an error even if idempotence is only on by default); and a\n"
      "`delivery.timeout.ms` that is too small is raised if it is the default and refused if it was written down.\n\n"
      "Text in a properties file is ISO-8859-1 with `\\uXXXX` escapes, because that is how Java and Kafka's tools read "
      "it.\n\n";
  out += "## Used\n\n";
  append_table(out, ConfigUse::used);
  out += "\n## Known, without effect here\n\n";
  append_table(out, ConfigUse::no_effect);
  return out;
}

}  // namespace linger
