#pragma once

#include <string>
#include <vector>

#include "scenarios/explanation.h"
#include "ui/cli/story_layout.h"

namespace linger::cli {

/// One link of a chain in words.
struct LinkWords {
  sim::SimTime at;
  std::string event;  ///< `#90`; `f0` for the first fault that the plan names with a moment, whose number is 2^38
  sim::EventNumber number;
  std::string who;
  std::string what;
  std::string why;
};

/// "why was r2 lost?", without the record's name: "lost", "written twice", …
std::string question_in_words(scenarios::Question question, const std::string& record);
/// One or two sentences that a person can read aloud.
std::string answer_in_words(const scenarios::Run& run, const scenarios::Explanation& explanation);
/// The links in the story's words, in the order of the run. Requires the run that was explained.
std::vector<LinkWords> links_in_words(const scenarios::Run& run, const scenarios::Explanation& explanation);
/// A line for each link: moment, event, who, what.
std::string chain_in_columns(const std::vector<LinkWords>& links, const Look& look);
/// Question, answer and chain.
std::string explanation_in_lines(const scenarios::Run& run, const scenarios::Explanation& explanation, const Look& look);
/// "with acks=all": what is changed.
std::string change_in_words(const scenarios::Change& change);
/// "with acks=all this same run loses nothing", with what it costs.
std::string prevention_in_words(const scenarios::Prevention& prevention, scenarios::Question question);

}  // namespace linger::cli
