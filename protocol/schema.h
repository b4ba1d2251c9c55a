#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/message.h"

namespace linger {

/// One line of a field list as data. `type` is Kafka's name ("int32", "[]string"), with "struct" for a nested one;
/// `default_value` is JSON text, empty for structs; `fields` are those of a nested struct.
struct FieldDescription {
  std::string_view name;
  std::string type;
  Versions versions;
  Versions nullable_versions;
  Versions tagged_versions;
  std::int32_t tag = -1;
  bool ignorable = false;
  bool never_compact = false;
  std::string default_value;
  std::vector<FieldDescription> fields;
};

struct MessageDescription {
  MessageSpec spec;
  std::vector<FieldDescription> fields;
};

/// Every message of protocol/messages/, in a fixed order.
std::vector<MessageDescription> describe_messages();

/// The same as text, one line a field.
void describe_schema(std::ostream& out);

}  // namespace linger
