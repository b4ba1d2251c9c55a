#pragma once

namespace linger::cli {

/// What `linger` ends with (the format's section 4).
enum class ExitStatus : int {
  as_expected = 0,
  guarantee_broken = 1,  ///< or an expectation not met, or something found that must not be
  bad_input = 2,
  own_defect = 70,
  interrupted = 130,
};

}  // namespace linger::cli
