#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ui/gui/model/session.h"

namespace linger::gui {

/// A scenario of the library, run.
inline std::unique_ptr<Session> session_of(const std::string& name) {
  Opened opened = open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name);
  REQUIRE(std::holds_alternative<std::unique_ptr<Session>>(opened));
  return std::move(std::get<std::unique_ptr<Session>>(opened));
}

}  // namespace linger::gui
