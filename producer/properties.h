#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace linger {

/// One `key=value` of a properties file. Text is UTF-8.
struct Property {
  std::string key;
  std::string value;
  std::size_t line = 0;  ///< where its logical line begins, from 1
  friend bool operator==(const Property&, const Property&) = default;
};

/// A sentence about one line of a properties file.
struct PropertiesRemark {
  std::size_t line = 0;
  std::string message;
  friend bool operator==(const PropertiesRemark&, const PropertiesRemark&) = default;
};

struct Properties {
  std::vector<Property> entries;           ///< in file order, duplicates included
  std::vector<PropertiesRemark> mistakes;  ///< Java throws IllegalArgumentException: malformed \u escapes
  std::vector<PropertiesRemark>
      warnings;  ///< a key given twice; bytes that Java reads otherwise than an editor shows them
  /// What Java's Properties object holds: of several values of one key the last.
  std::map<std::string, std::string> settings() const;
};

/// Reads the text of a .properties file with the full syntax of java.util.Properties.load(InputStream), which is how
/// Kafka's own tools read theirs: # and ! comments, `=`, `:` or white space between key and value, lines continued by a
/// backslash, \t \n \r \f \uXXXX and escaped separators, any of the three line ends. Bytes are ISO-8859-1, as in Java:
/// UTF-8 beyond ASCII is therefore read as several characters, and a warning says so. \uXXXX pairs of surrogates become
/// one character; a lone surrogate becomes U+FFFD.
Properties read_properties(std::string_view bytes);

}  // namespace linger
