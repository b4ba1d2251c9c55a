#pragma once

#include "ui/report/words.h"

namespace linger::cli {

// The words of stories, pictures and pages are the same.
using report::action_in_words;
using report::as_ascii;
using report::brokers_of;
using report::columns;
using report::counted;
using report::error_word;
using report::fingerprint_in_words;
using report::lasts;
using report::length_of_time;
using report::listed;
using report::milliseconds;
using report::range;

}  // namespace linger::cli
