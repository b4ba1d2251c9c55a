#pragma once

#include <iosfwd>

namespace linger {

/// Writes every message of protocol/messages/ with its fields, versions and defaults, one line a field.
void describe_schema(std::ostream& out);

}  // namespace linger
