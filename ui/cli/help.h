#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ui/cli/options.h"

namespace linger::cli {

/// What `linger --help` prints.
std::string help_text();
/// What `linger VERB --help` prints.
std::string help_text(const VerbInfo& verb);
/// What `linger --version` prints: Linger's version and those of the codecs it is linked with.
std::string version_text();
/// The completion script for `bash`, `zsh` or `fish`, made from the tables of options.h; nothing for another shell.
std::optional<std::string> completion_script(std::string_view shell);

}  // namespace linger::cli
