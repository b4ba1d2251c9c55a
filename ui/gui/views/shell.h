#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// Title, tabs of the pages, language and theme.
void draw_header(Frame& frame);
/// Steps, play, "next …", the time, the kind of axis.
void draw_transport(Frame& frame);
/// What the run came to, and the command that reproduces the screen.
void draw_status(Frame& frame);
/// The map of keys over everything.
void draw_key_map(Frame& frame, double width, double height);

/// The command that shows the same again; empty for a branch that no file holds.
std::string command_of_screen(const Branch& branch, const State& state);

}  // namespace linger::gui
